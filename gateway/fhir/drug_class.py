"""Which drugs do the same work, as far as it takes to see that one replaced another. Facts from FDA labels; nothing here judges a treatment."""

from __future__ import annotations

from gateway.fhir.medication import Drug

_CLASSES: dict[str, tuple[str, ...]] = {
    "antidepressant": (
        *("sertraline", "fluoxetine", "escitalopram", "citalopram", "paroxetine", "venlafaxine", "duloxetine", "bupropion", "mirtazapine"),
        *("trazodone", "nortriptyline", "vortioxetine"),
    ),
    "mood stabilizer": ("lamotrigine", "divalproex", "carbamazepine", "lithium"),
    "antipsychotic": ("quetiapine", "risperidone", "olanzapine", "lurasidone", "ziprasidone", "haloperidol", "clozapine", "aripiprazole"),
    "benzodiazepine": ("lorazepam", "alprazolam", "clonazepam"),
    "attention": ("methylphenidate", "lisdexamfetamine", "amphetamine", "atomoxetine", "guanfacine"),
}
_OF: dict[str, str] = {ingredient: name for name, ingredients in _CLASSES.items() for ingredient in ingredients}


def _known(drug: Drug) -> tuple[str, ...]:
    return tuple(word for word in drug.name.split() if word in _OF)


def another_drug(one: Drug, other: Drug) -> bool:
    """Whether both are known here and are surely different: a brand or a drug that is not known here may be the same."""
    return bool(_known(one) and _known(other)) and _known(one) != _known(other)


def same_class(one: Drug, other: Drug) -> bool:
    """Whether both are known here and do the same work."""
    return bool({_OF[word] for word in _known(one)} & {_OF[word] for word in _known(other)})
