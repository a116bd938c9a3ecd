"""What a MODALIAS loads."""

from support.samples import SAMPLES

from kmodtop_core.machine.aliases import AliasTable, module_name

WHO = SAMPLES / "who"
REAL = AliasTable(*((WHO / f"modules.{n}").read_text() for n in ("alias", "dep", "softdep")))


def test_names_are_the_kernels():
    assert module_name("kernel/arch/x86/crypto/sha1-ssse3.ko.zst") == "sha1_ssse3"


def test_an_alias_loads_what_its_modules_need():
    table = AliasTable("alias cpu:*:feature:*0081* kvm_x\n", "a/kvm_x.ko: b/kvm.ko c/irq-b.ko\n")
    assert table.loaded_by("cpu:type:x86:feature:,0081,") == {"kvm_x", "kvm", "irq_b"}
    assert table.loaded_by("cpu:type:x86:feature:,0082,") == frozenset()


def test_dashes_are_underscores_and_classes_are_fnmatchs():
    table = AliasTable("alias of:N*T*Cvendor,a-chip[ab]* drv\n")
    assert table.loaded_by("of:NxTyCvendor,a_chipb1") == {"drv"}
    assert table.loaded_by("of:NxTyCvendor,a-chipc1") == frozenset()


def test_soft_dependencies_are_loaded_too():
    table = AliasTable("alias x a\n", "", "softdep a pre: b post: c\n")
    assert table.loaded_by("x") == {"a", "b", "c"}


def test_modules_that_need_each_other_come_to_an_end():
    table = AliasTable("alias x a\n", "a.ko: b.ko\nb.ko: a.ko\n")
    assert table.loaded_by("x") == {"a", "b"}


def test_lines_that_are_none_are_left_out():
    table = AliasTable("# aliases\nalias\nalias only\nother x y\n\0\n", "no colon\n", "softdep\n")
    assert table.loaded_by("x") == frozenset() and not table.is_empty


def test_only_what_concerns_them_is_kept():
    aliases, depends = REAL.relevant(["cpu:type:x86,ven0002fam0006mod0003:feature:,0099,"], ["nbd"])
    small = AliasTable(aliases, depends)
    assert small.loaded_by("cpu:type:x86,ven0002fam0006mod0003:feature:,0099,") == REAL.loaded_by(
        "cpu:type:x86,ven0002fam0006mod0003:feature:,0099,"
    )
    assert len(aliases) < 4000
