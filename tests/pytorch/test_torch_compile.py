"""`torch.compile(model, backend=mini_infer.torch.backend)` against PyTorch alone."""

import re
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxscript", reason="PyTorch's exporter needs it")

import torch
from torch import nn

import mini_infer.torch
from mini_infer import errors
from mini_infer.torch import dynamo
from mini_infer.torch.graph import Compiled

pytestmark = pytest.mark.filterwarnings("ignore")


class Net(nn.Module):
    """Convolutions, batch norms, a residual, ReLUs in place, dropout."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.second, self.relu = nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True)
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(8, 5)

    def forward(self, x):
        y = self.relu(self.norm(self.first(x)))
        z = self.relu(self.second(y) + y)
        return self.last(self.drop(z.mean((2, 3))))


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    torch.compiler.reset()
    torch.manual_seed(0)
    monkeypatch.setattr(dynamo, "_said", set())
    yield
    torch.compiler.reset()


@pytest.fixture
def runs(monkeypatch):
    """How many runs engines did."""
    counted = []
    plain = Compiled.run
    monkeypatch.setattr(Compiled, "run", lambda self, arguments: counted.append(self) or plain(self, arguments))
    return counted


@pytest.fixture
def said(caplog):
    """What the backend has said."""
    return lambda: [record.getMessage() for record in caplog.records if record.name == "mini_infer.torch"]


def compiled(model, **options):
    return torch.compile(model, backend=mini_infer.torch.backend, **({"options": options} if options else {}))


def close(given, expected):
    torch.testing.assert_close(given, expected, rtol=1e-4, atol=1e-5)


def test_the_answers_are_pytorchs(runs):
    net = Net().eval()
    fast = compiled(net)
    with torch.no_grad():
        for _ in range(3):
            x = torch.randn(1, 3, 16, 16)
            close(fast(x), net(x))
    assert len(runs) == 3  # the first is PyTorch's, and checks the engine


def test_batches(runs, said):
    net = Net().eval()
    fast = compiled(net)
    with torch.no_grad():
        for batch in (1, 2, 5, 2, 1):
            x = torch.randn(batch, 3, 16, 16)
            close(fast(x), net(x))
    assert len(set(map(id, runs))) == 3
    assert said() == []


def test_more_shapes_than_engines_run_by_pytorch(said):
    net = Net().eval()
    fast = compiled(net, engines=1)
    with torch.no_grad():
        for batch in (2, 3, 4, 5):
            x = torch.randn(batch, 3, 8, 8)
            close(fast(x), net(x))
    assert said() == [
        "a graph runs by PyTorch alone: it came in more than 1 sets of shapes; the option engines=N allows more"
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.last.bias.add_(1.0),
        lambda net: setattr(net.last, "bias", nn.Parameter(torch.ones(5))),
        lambda net: setattr(net.last.bias, "data", torch.full((5,), 3.0)),
        lambda net: net.norm.running_mean.fill_(0.5),
        lambda net: net.load_state_dict({name: value + 1 for name, value in net.state_dict().items()}),
    ],
)
def test_a_changed_weight_changes_the_answer(change, runs):
    net = Net().eval()
    fast = compiled(net)
    x = torch.randn(1, 3, 8, 8)
    with torch.no_grad():
        fast(x)
        before = fast(x)
        change(net)
        fast(x)
        after = fast(x)
        close(after, net(x))
    assert not torch.allclose(before, after)
    assert len(set(map(id, runs))) == 2


def test_weights_that_keep_changing_are_left_to_pytorch(said):
    net = nn.Linear(4, 3).eval()
    fast = compiled(net)
    x = torch.randn(2, 4)
    with torch.no_grad():
        for _ in range(6):
            net.bias.add_(1.0)
            close(fast(x), net(x))
    assert said() == ["a graph runs by PyTorch alone: its weights changed 4 times"]


def test_training_is_pytorchs(runs, said):
    net = Net().train()
    fast = compiled(net)
    x = torch.randn(4, 3, 8, 8)
    fast(x).sum().backward()
    assert net.first.weight.grad is not None
    before = net.norm.running_mean.clone()
    with torch.no_grad():
        fast(x)  # changes the running mean, and drops at random
    assert not torch.equal(net.norm.running_mean, before)
    assert runs == []
    assert said() == [
        "a graph runs by PyTorch alone: gradients are on: call it under torch.no_grad()",
        "a graph runs by PyTorch alone: it changes an input, a parameter or a buffer in place",
    ]


def test_train_then_eval(runs):
    net = Net().train()
    fast = compiled(net)
    x = torch.randn(4, 3, 8, 8)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    fast(x).square().sum().backward()
    optimizer.step()
    net.eval()
    with torch.no_grad():
        close(fast(x), net(x))
    assert len(runs) == 1


def test_a_graph_break_makes_two_graphs(runs):
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 4)

        def forward(self, x):
            y = self.a(x).relu()
            torch._dynamo.graph_break()
            return self.b(y)

    net = Broken().eval()
    fast = compiled(net)
    x = torch.randn(2, 8)
    with torch.no_grad():
        fast(x)
        close(fast(x), net(x))
    assert len(set(map(id, runs))) == 2


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.linear = nn.Linear(4, 4)
        self.register_buffer("kept", torch.zeros(4))

    def forward(self, x):
        return self.function(self, x)


def counted(self, x):
    self.kept.add_(1)
    return self.linear(x) + self.kept


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (counted, "it changes an input, a parameter or a buffer in place"),
        (lambda self, x: x.mul_(2) + self.linear(x), "it changes an input, a parameter or a buffer in place"),
        (lambda self, x: self.linear(x) + torch.rand(4), r"it draws random numbers \(aten.rand.default\)"),
        (lambda self, x: self.linear(x).bfloat16() * 2, "it has a tensor of torch.bfloat16"),
        (lambda self, x: (self.linear(x), x.view(-1)), "it returns a view of an input"),
        (lambda self, x: (y := self.linear(x), y.view(-1)), "two of its results share bytes"),
    ],
    ids=["buffer", "input", "random", "bfloat16", "view", "shared"],
)
def test_what_an_engine_cannot_mean_is_pytorchs(function, reason, runs, said):
    one, other = Function(function).eval(), Function(function).eval()
    other.load_state_dict(one.state_dict())
    fast = compiled(one)
    with torch.no_grad():
        for _ in range(2):
            x = torch.randn(2, 4)
            mine, theirs = x.clone(), x.clone()
            torch.manual_seed(1)
            given = fast(mine)
            torch.manual_seed(1)
            torch.testing.assert_close(given, other(theirs))
            assert torch.equal(mine, theirs)
    assert torch.equal(one.kept, other.kept)
    assert runs == []
    (message,) = said()
    assert re.search(reason, message)


def test_autocast_and_double(runs, said):
    net = nn.Linear(4, 3).eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        compiled(net)(torch.randn(2, 4))
    assert said() == ["a graph runs by PyTorch alone: autocast is on"]
    double = nn.Linear(4, 3).double().eval()
    x = torch.randn(2, 4).double()
    with torch.no_grad():
        fast = compiled(double)
        fast(x)
        torch.testing.assert_close(fast(x), double(x))
    assert len(runs) == 2


def test_structures_numbers_and_arguments_that_come_back(runs):
    def function(self, x):
        y = self.linear(x)
        return {"y": y, "x": x, "none": None, "t": y.t().contiguous().t() * 2, "sums": (y.sum(), y.argmax(1))}

    net = Function(function).eval()
    fast = compiled(net)
    x = torch.randn(3, 4)
    with torch.no_grad():
        fast(x)
        given, expected = fast(x), net(x)
    assert given["x"] is x
    assert given["none"] is None
    assert given["t"].stride() == expected["t"].stride()
    torch.testing.assert_close(given, expected, rtol=1e-4, atol=1e-5)
    assert len(runs) == 2


def test_inputs_that_are_not_contiguous():
    net = nn.Linear(4, 3).eval()
    fast = compiled(net)
    with torch.no_grad():
        for _ in range(2):
            x = torch.randn(4, 2).t()
            close(fast(x), net(x))


def test_options_reach_the_compiler(monkeypatch):
    asked = []
    plain = dynamo.build
    monkeypatch.setattr(dynamo, "build", lambda *given: asked.append(given[-1]) or plain(*given))
    net = nn.Linear(4, 3).eval()
    with torch.no_grad():
        compiled(net, threads=2, memory_limit=1 << 20, optimize="memory")(torch.randn(2, 4))
    assert (asked[0].threads, asked[0].memory_limit, asked[0].goal) == (2, 1 << 20, "memory")


def test_a_memory_limit_that_is_too_small_is_said(said):
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.Softmax(1)).eval()
    x = torch.randn(64, 64)
    with torch.no_grad():
        close(compiled(net, memory_limit=64)(x), net(x))
    assert "no plan within 64 bytes" in said()[0]


def test_an_option_that_there_is_not():
    with pytest.raises(errors.UsageError, match="the options are speed; those of this backend are engines, shapes,"):
        mini_infer.torch.backend(torch.fx.symbolic_trace(nn.ReLU()), (), options={"speed": 3})


def test_answers_that_differ_are_not_used(monkeypatch, said):
    plain = Compiled.run
    monkeypatch.setattr(Compiled, "run", lambda self, arguments: tuple(y + 1 for y in plain(self, arguments)))
    net = nn.Linear(4, 3).eval()
    x = torch.randn(2, 4)
    with torch.no_grad():
        close(compiled(net)(x), net(x))
    assert "result 0 differs from PyTorch's by 1" in said()[0]


def test_several_threads():
    from concurrent.futures import ThreadPoolExecutor

    net = Net().eval()
    fast = compiled(net)
    inputs = [torch.randn(1, 3, 8, 8) for _ in range(8)]
    with torch.no_grad():
        fast(inputs[0])

    def one(x):
        with torch.no_grad():
            return fast(x)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(one, inputs))
    with torch.no_grad():
        for x, y in zip(inputs, given, strict=True):
            close(y, net(x))


def test_without_onnxscript(monkeypatch, said):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    net = nn.Linear(4, 3).eval()
    with torch.no_grad():
        compiled(net)(torch.randn(2, 4))
    assert "needs onnxscript, which is not installed" in said()[0]
    assert "a graph runs by PyTorch alone" in said()[0]
