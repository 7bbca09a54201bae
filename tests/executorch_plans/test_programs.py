"""Programs planned and run by ExecuTorch itself: the answers of its own planner, in no more bytes."""

import logging
import warnings

import pytest

pytest.importorskip("executorch.runtime", reason="needs executorch", exc_type=ImportError)

import torch
from executorch.exir import ExecutorchBackendConfig, to_edge
from executorch.exir.banked_memory_planning import Bank, TargetMemoryMap
from executorch.exir.memory_planning import MemoryAlgoResult, MemoryPlanningAlgorithmSuite, SpecAllocResult, greedy
from executorch.runtime import Runtime, Verification
from torch import nn

from mini_infer.errors import CapacityError, PlanError, UsageError
from mini_infer.executorch import MemoryPlanningPass

pytestmark = pytest.mark.filterwarnings("ignore")


class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        y = self.first(x).relu()
        return (self.second(y) + y).mean((2, 3))


class Branches(nn.Module):
    """The result of a branch is read long after others have used memory."""

    def forward(self, x):
        y = torch.cond(x.sum() > 0, lambda v: (v * 2).relu() + 1, lambda v: (v - 3).abs() * v, (x,))
        z = (x * 3).relu()
        w = (z + 1).abs()
        return (w - z) * y


class Nested(nn.Module):
    def forward(self, x):
        def inner(v):
            return torch.cond(v.sum() > 5, lambda v: (v + 1).relu() * v, lambda v: (v - 1).abs() * 3, (v * 2,))

        y = torch.cond(x.sum() > 0, lambda v: inner(v) + v, lambda v: (v - 3).abs() * v, (x,))
        w = ((x * 3).relu() + 1).abs()
        k = torch.cond(x.sum() < 100, lambda v, _: v.clone(), lambda v, u: v * u, (y, w))
        return ((w * x).relu() - w) * k + y


class Mapped(nn.Module):
    def forward(self, x):
        from functorch.experimental.control_flow import map as mapped

        y = mapped(lambda v, u: (v * 2).relu() + u, x, x.sum(0))
        z = (x * 3).relu()
        return ((z + 1).abs() - z) * y


class Cache(nn.Module):
    """A buffer that lives from run to run."""

    def __init__(self):
        super().__init__()
        self.register_buffer("kept", torch.zeros(8, 64))

    def forward(self, x):
        self.kept[0:4] = x
        return (self.kept * 2).relu().sum(0) + x[0]


def export(model, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(model.eval(), (x,))


def planned(exported, planning):
    """The program, and the size of its memories."""
    program = to_edge(exported).to_executorch(ExecutorchBackendConfig(memory_planning_pass=planning))
    return program, program.executorch_program.execution_plan[0].non_const_buffer_sizes


def run(program, *inputs):
    method = Runtime.get().load_program(program.buffer, verification=Verification.Minimal).load_method("forward")
    return [method.execute((x,))[0].clone() for x in inputs]


def theirs():
    return MemoryPlanningPass(MemoryPlanningAlgorithmSuite([greedy]))


X = torch.linspace(-1, 2, 256).reshape(4, 64)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (Convolutions(), [torch.linspace(-1, 1, 3 * 64).reshape(1, 3, 8, 8)]),
        (Branches(), [X, -X]),
        (Nested(), [X, -X, X * 100]),
        (Mapped(), [X]),
        (Cache(), [X]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_the_answers_are_those_of_the_models_in_no_more_bytes(model, inputs):
    exported = export(model, inputs[0])
    greedy_program, before = planned(exported, theirs())
    planning = MemoryPlanningPass()
    program, after = planned(exported, planning)
    assert sum(after) <= sum(before)
    assert all(each.plan.optimal for each in planning.plans)
    assert planning.plans[-1].plan.size == after[1]
    for given, expected, x in zip(run(program, *inputs), run(greedy_program, *inputs), inputs, strict=True):
        assert torch.equal(given, expected)
        torch.testing.assert_close(given, type(model)()(x) if not list(model.parameters()) else model(x))


def test_the_plan_of_all_zeros_is_refused():
    def zeros(alignment, specs, graph_module, graph_signature, extra_padding):
        del alignment, graph_module, graph_signature, extra_padding
        specs = list(specs)
        places = {spec: SpecAllocResult(1, 0, 0) for spec in specs}
        return MemoryAlgoResult(places, [0, max(spec.allocated_memory for spec in specs)])

    exported = export(Convolutions(), torch.zeros(1, 3, 8, 8))
    with pytest.raises(PlanError, match="share bytes while both live"):
        planned(exported, MemoryPlanningPass(MemoryPlanningAlgorithmSuite([zeros])))


def test_banks():
    model, x = Convolutions(), torch.linspace(-1, 1, 3 * 64).reshape(1, 3, 8, 8)
    exported = export(model, x)
    banks = TargetMemoryMap([Bank("sram", 4096, 2), Bank("dram", 1 << 20, 1)])
    program, sizes = planned(exported, MemoryPlanningPass(banks=banks))
    assert 0 < sizes[2] <= 4096
    assert torch.equal(run(program, x)[0], run(planned(exported, theirs())[0], x)[0])
    with pytest.raises(CapacityError):
        planned(exported, MemoryPlanningPass(banks=[Bank("sram", 1024, 1)]))
    with pytest.raises(UsageError, match="an algorithm is given, and banks for another one"):
        MemoryPlanningPass(MemoryPlanningAlgorithmSuite([greedy]), banks=banks)


@pytest.fixture(scope="module")
def torchvision():
    """Its models; operators of its own library may be missing beside a torch for processors alone."""
    try:
        import torchvision.models
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision.models
    except ImportError:
        pytest.skip("needs torchvision")
    return torchvision.models


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size"), [("mobilenet_v2", 9_633_792), ("densenet121", 8_429_568), ("vit_small", 4_174_848)]
)
def test_models_of_torchvision(torchvision, name, size):
    def vit_small():
        return torchvision.VisionTransformer(
            image_size=224, patch_size=16, num_layers=12, num_heads=6, hidden_dim=384, mlp_dim=1536
        )

    logging.getLogger("executorch").setLevel(logging.ERROR)
    torch.manual_seed(0)
    model = (vit_small if name == "vit_small" else getattr(torchvision, name))().eval()
    x = torch.randn(1, 3, 224, 224)
    exported = export(model, x)
    greedy_program, before = planned(exported, theirs())
    planning = MemoryPlanningPass()
    program, after = planned(exported, planning)
    (found,) = planning.plans
    assert (after, found.plan.lower_bound) == ([0, size], size)
    assert before[1] > size
    assert torch.equal(run(program, x)[0], run(greedy_program, x)[0])
