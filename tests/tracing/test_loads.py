"""Events to loads: how far each came, and what it wasted."""

from kmodtop_core.tracing.lines import Line
from kmodtop_core.tracing.loads import FINIT, INIT, Loads, Outcome


def line(event, pid=7, at=1.0, place="", **fields):
    return Line(at, pid, "modprobe", event, {k: str(v) for k, v in fields.items()}, place)


def loads(*lines, **how):
    follower = Loads(**how)
    return [load for one in lines for load in follower.follow(one)], follower


def request(ret, *steps, module="kvm", length=1000, place="", **more):
    return [
        line("ld", len=length, **more),
        line("find", name=module),
        *(line(step) for step in steps),
        line("fload", ret=ret, place=place),
    ]


class TestTheFunctionsThatCount:
    def test_a_duplicate_has_the_bytes_of_what_is_counted_after_it(self):
        (load,), _ = loads(
            line("dup", name="kvm", reason=0), line("becoming", name="kvm", len=1000, flags="0x0")
        )
        assert load.module == "kvm" and load.is_duplicate and load.wasted == 1000
        assert load.outcome is Outcome.BECOMING

    def test_a_failure_at_load_wasted_twice_its_length(self):
        (load,), _ = loads(line("dup", name="kvm", reason=1), line("invalid", name="kvm", len=1000))
        assert load.outcome is Outcome.LOAD and load.wasted == 2000

    def test_a_packed_file_is_added(self):
        (load,), _ = loads(line("becoming", name="x", len=1000, flags="0x4", clen=300))
        assert load.wasted == 1300 and not load.is_duplicate

    def test_without_the_probe_of_bytes_these_are_not_known(self):
        _, follower = loads(line("dup", name="kvm", reason=0))
        (waiting,) = follower.waiting()
        assert waiting.wasted is None and waiting.module == "kvm"

    def test_a_name_that_could_not_be_read_is_none(self):
        (load,), _ = loads(line("becoming", name="(fault)", len=1000))
        assert load.module is None

    def test_arguments_that_are_others_are_not_believed(self):
        found, follower = loads(line("dup", name="kvm", reason=4096))
        assert not found and follower.unknown == 1


class TestTheStepsOfALoad:
    def test_before_its_place_is_allocated_it_fails_at_becoming(self):
        (load,), _ = loads(*request(-17))
        assert (load.outcome, load.is_duplicate, load.wasted) == (Outcome.BECOMING, True, 1000)

    def test_after_that_at_load(self):
        (load,), _ = loads(*request(-16, "layout"))
        assert (load.outcome, load.is_duplicate, load.wasted) == (Outcome.LOAD, True, 2000)

    def test_an_init_function_that_refuses_counts_nowhere(self):
        (load,), _ = loads(*request(-17, "layout", "init"))
        assert (load.outcome, load.is_duplicate, load.wasted) == (Outcome.REFUSED, False, 0)

    def test_other_errors_are_no_duplicates(self):
        (load,), _ = loads(*request(-8))
        assert load.outcome is Outcome.BECOMING and not load.is_duplicate

    def test_without_the_probe_of_init_functions_other_errors_at_load_are_vague(self):
        found, follower = loads(*request(-19, "layout"))
        assert not found and follower.vague == 1
        (load,), _ = loads(*request(-19, "layout"), has_init=True)
        assert load.outcome is Outcome.LOAD

    def test_one_that_had_begun_before_the_trace_is_not_counted(self):
        found, follower = loads(line("fload", ret=-17))
        assert not found and follower.unknown == 1

    def test_one_whose_end_is_missing_is_not_known(self):
        _, follower = loads(*request(-17)[:-1], *request(-17))
        assert follower.unknown == 1

    def test_a_failure_that_the_functions_that_count_have_told_is_told_once(self):
        steps = request(-17)
        counted = line("dup", name="kvm", reason=0), line("becoming", name="kvm", len=1000)
        found, _ = loads(*steps[:-1], *counted, steps[-1], *request(0, "layout", "init"))
        assert [load.outcome for load in found] == [Outcome.BECOMING, Outcome.LIVE]

    def test_an_init_function_may_refuse_as_a_duplicate_does(self):
        (load,), follower = loads(*request(-17, "layout"))
        assert load.is_duplicate and follower.doubtful == 1
        _, follower = loads(*request(-17, "layout"), has_init=True)
        assert follower.doubtful == 0

    def test_the_last_name_looked_up_is_its_own(self):
        (load,), _ = loads(
            line("ld", len=1), line("find", name="needed"), line("find", name="own"),
            line("fload", ret=-17),
        )  # fmt: skip
        assert load.module == "own"

    def test_the_file_that_the_kernel_unpacked_is_added(self):
        (load,), _ = loads(line("read", ret=300), *request(-17, flags="0x4"))
        assert load.wasted == 1300
        (load,), _ = loads(line("read", ret=300), *request(-17, flags="0x0"))
        assert load.wasted == 1000

    def test_the_system_call_is_told_by_who_had_called(self):
        (load,), _ = loads(*request(-17, place="__do_sys_init_module"))
        assert load.call == INIT
        (load,), _ = loads(*request(-17, place="init_module_from_file"))
        assert load.call == FINIT

    def test_requests_of_several_processes_do_not_mix(self):
        a = [one._replace(pid=1) for one in request(-17, module="a")]
        b = [one._replace(pid=2) for one in request(0, "layout", "init", module="b")]
        mixed = [one for pair in zip(a, b, strict=False) for one in pair] + b[len(a) :]
        found, _ = loads(*mixed)
        assert {(load.module, load.outcome) for load in found} == {
            ("a", Outcome.BECOMING),
            ("b", Outcome.LIVE),
        }
