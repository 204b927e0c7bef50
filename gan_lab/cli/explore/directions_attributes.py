"""The attributes that `gan-lab explore directions` is asked for, and those that the data have."""

from pathlib import Path

from gan_lab.cli.evaluate import data_of
from gan_lab.cli.explore.directions import Options, words
from gan_lab.errors import UserError
from gan_lab.evaluation.classifier import fitted
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.attributes.named import Attribute, attribute_named, attributes_of

CLASS = "class:"


def asked_for(
    generator: PortableGenerator, run: Path, options: Options, saved: set[str]
) -> tuple[dict[str, Attribute], dict[str, Attribute]]:
    """Those that were asked for, then those of the data; and who belongs to a class.

    Args:
        generator: The generator.
        run: Its run, whose data the classifier of `class:NAME` learns.
        options: Keys of the command.
        saved: Names of saved directions, which are no attributes.

    Returns:
        Attributes by name, and for `class:NAME` whether a sample belongs, by the same name.

    Raises:
        UserError: If there is no such attribute.
    """
    wanted = [*words(options.attribute), *(w for w in words(options.given) if w not in saved)]
    asked: dict[str, Attribute] = {}
    members: dict[str, Attribute] = {}
    for name in wanted:
        if name.startswith(CLASS):
            asked[name], members[name] = _class(generator, run, name, trust=options.trust)
        else:
            asked[name] = attribute_named(generator.spec, name)
    return asked | attributes_of(generator.spec), members


def _class(
    generator: PortableGenerator, run: Path, name: str, *, trust: bool
) -> tuple[Attribute, Attribute]:
    """The log-odds of a class by a classifier of the run's own data, and whether it wins.

    Raises:
        UserError: If the data have no such class, or the generator takes it as a label.
    """
    classes, wanted = generator.spec.classes, name.removeprefix(CLASS)
    if generator.classes:
        raise UserError(f"attribute={name}: this generator takes its class as label={wanted}")
    if wanted not in classes:
        known = ", ".join(classes) or "none; the data have no classes"
        raise UserError(f"attribute={name}: no class {wanted!r}; classes: {known}")
    data = data_of(run, trust=trust)
    data.setup()
    judge, k = fitted(data.train, data.held_out), classes.index(wanted)
    return (
        lambda x: judge.probabilities(x)[:, k].double().logit(1e-9),
        lambda x: judge.probabilities(x).argmax(1) == k,
    )
