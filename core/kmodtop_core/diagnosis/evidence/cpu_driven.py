"""Modules for CPUs: those with an alias cpu:type: in their source, and what these need.

From MODULE_DEVICE_TABLE(x86cpu, ...) of the kernel's sources. For texts without modules.alias;
not every kernel builds or needs each of them.
"""

from functools import lru_cache

CPU_DRIVEN = frozenset(
    (
        "acpi_cpufreq",
        "aesni_intel",
        "amd64_edac",
        "amd_freq_sensitivity",
        "coretemp",
        "cpufreq_ondemand",
        "crc32_pclmul",
        "crc32c_intel",
        "crct10dif_pclmul",
        "cryptd",
        "crypto_simd",
        "edac_mce_amd",
        "gf128mul",
        "ghash_clmulni_intel",
        "i10nm_edac",
        "intel_cstate",
        "intel_powerclamp",
        "intel_rapl_common",
        "intel_rapl_msr",
        "intel_soc_dts_iosf",
        "intel_soc_dts_thermal",
        "intel_uncore",
        "intel_uncore_frequency",
        "intel_uncore_frequency_common",
        "iosf_mbi",
        "irqbypass",
        "isst_if_common",
        "isst_if_mbox_msr",
        "kvm",
        "kvm_amd",
        "kvm_intel",
        "libaes",
        "libnvdimm",
        "nfit",
        "pcc_cpufreq",
        "polyval_clmulni",
        "polyval_generic",
        "powernow_k8",
        "rapl",
        "sb_edac",
        "sha1_generic",
        "sha1_ssse3",
        "sha256_ssse3",
        "sha512_generic",
        "sha512_ssse3",
        "skx_edac",
        "skx_edac_common",
        "tdx_guest",
        "tsm",
        "x86_pkg_temp_thermal",
    )
)
"""By the kernel's names."""


@lru_cache(1024)
def is_cpu_driven(module: str) -> bool:
    """Whether the module is among them, however it is spelt."""
    return module.replace("-", "_") in CPU_DRIVEN
