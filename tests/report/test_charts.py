import re

import pytest
import torch

from gan_lab.report.charts import Line, cloud, histogram, line_chart, ticks
from gan_lab.report.gauge import gauge, number
from gan_lab.report.matrices import graph, heat_map


def test_a_line_breaks_where_a_value_is_missing():
    svg = line_chart([Line([0.0, 1.0, float("nan"), 1.0, 0.0], "fake")], "a <b>")
    path = re.search(r'class="line fake" d="([^"]+)"', svg)[1]
    assert re.findall("[ML]", path) == ["M", "L", "M", "L"]
    assert 'aria-label="a &lt;b&gt;"' in svg


def test_constant_and_missing_curves_have_a_picture():
    for values in ([2.0, 2.0], [float("nan")] * 2):
        assert "nan" not in line_chart([Line(values, "fake")], "flat")


def test_points_outside_of_the_box_are_dropped():
    points = torch.tensor([[0.0, 0.0], [5.0, 0.0], [float("nan"), 0.0]])
    svg = cloud([("real", points, 1.0)], "points", box=((-1.0, 1.0), (-1.0, 1.0)))
    assert svg.count("h0") == 1


def test_histograms_have_the_same_mass():
    values = torch.linspace(0, 1, 1000)
    svg = histogram(values, values.repeat(3), "twice")
    shapes = re.findall(r'points="([^"]+)"', svg)
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-3.0, 7.0), (0.001, 0.002), (100.0, 90000.0)])
def test_ticks_are_few_round_numbers_within(ends):
    found = ticks(*ends)
    assert 2 <= len(found) <= 5
    assert ends[0] <= found[0] < found[-1] <= ends[1]


def test_a_heat_map_names_its_cells():
    svg = heat_map(torch.tensor([[1.0, -0.5], [float("nan"), 1.0]]), ["a", "<b>"], "map")
    assert "a and &lt;b&gt;: -0.50" in svg
    assert "&lt;b&gt; and a: undefined" in svg


def test_a_graph_draws_an_arrow_for_each_edge():
    edge = torch.tensor([[False, True], [False, False]])
    strength = torch.tensor([[float("nan"), 0.3], [0.1, float("nan")]])
    svg = graph(edge, strength, ["a", "b"], "graph", "real")
    assert svg.count('class="edge') == 1
    assert svg.count('class="node"') == 2


def test_a_gauge_says_its_numbers(evaluated_score):
    svg = gauge(evaluated_score)
    assert 'aria-label="precision: 86 %, real 96 %"' in svg
    assert "nan" not in svg
    assert number(evaluated_score, float("nan")) == "undefined"
