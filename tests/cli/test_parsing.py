"""What the command line says of itself, and of what it does not understand."""

from __future__ import annotations

import argparse
import shlex

import pytest

from harness.cli import main, parser


def _parsers() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_alone_it_shows_its_help_and_does_not_pass_for_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "harness run quickstart" in said.err
    assert all(verb in said.err for verb in _parsers())


@pytest.mark.parametrize("verb", _parsers())
def test_every_example_of_a_verb_can_be_given(verb: str) -> None:
    made = _parsers()[verb]
    examples = made.get_default("examples")
    assert examples, "say with add_verb how it is used"
    for example in examples:
        command, _, _ = example.partition(" > ")
        assert parser().parse(shlex.split(command)).verb == verb
        assert f"harness {example}" in made.format_help()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("rnu quickstart", "unknown command 'rnu' (did you mean 'run'?)"),
        ("list suits", "unknown choice 'suits' (did you mean 'suites'?); valid are suites, configs,"),
        (
            "run quickstart --ofline",
            "unrecognized: --ofline (did you mean '--offline'?); 'harness run --help'",
        ),
        ("list", "arguments are required: suites|configs|models|measures|pipelines"),
        (
            "run beir-scifact",
            "(a suite of that name there is: a config of your own names it, 'suite: beir-scifact')",
        ),
        ("compare b --mesure=ndcg@10", "(did you mean '--measure'?)"),
        ("cache prun --max 1GB", "unknown command 'prun' (did you mean 'prune'?)"),
        ("cache prune --mox 1GB", "'harness cache prune --help' shows what can be given"),
        ("report b", "the following arguments are required: --out; 'harness report --help'"),
        ("show b --query", "argument --query: expected one argument"),
        ("compare b --changes many", "argument --changes: invalid int value: 'many'"),
    ],
)
def test_a_slip_is_one_line_with_what_was_probably_meant(
    arguments: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert said.err.startswith("harness: ")
    assert says in said.err


def test_help_of_a_verb_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "gate"]) == 0
    asked = capsys.readouterr()
    assert main(["gate", "--help"]) == 0
    assert asked == capsys.readouterr()
    assert main(["help", "gaet"]) == 2
    assert "did you mean 'gate'" in capsys.readouterr().err
