"""What a verdict comes down to, read out of its tree: why it is so, and what would change it."""

from collections.abc import Iterator

from tulen.origin.findings import MET, Finding


def reasons(finding: Finding) -> tuple[str, ...]:
    """Return the conditions that give ``finding`` its outcome, each with its reason.

    Below a finding only those conditions count that have the same outcome; one without any speaks
    for itself, as where rules contradict each other, or where it was tested on materials.
    """
    return tuple(dict.fromkeys(f"{item.name}: {item.reason}" for item in _deciding(finding)))


def remedies(finding: Finding) -> tuple[str, ...]:
    """Return what would make it qualify, each with the condition that it is for; empty if it does.

    They stand as in the tree. Of alternatives one is enough; conditions that must hold together
    need all of theirs.
    """
    return tuple(dict.fromkeys(f"{item.name}: {item.remedy}" for item in _remediable(finding)))


def _deciding(finding: Finding) -> Iterator[Finding]:
    parts = [
        part
        for part in finding.parts
        if part.outcome is finding.outcome and (part.reference is not None or part.parts)
    ]
    if not parts:
        yield finding
    for part in parts:
        yield from _deciding(part)


def _remediable(finding: Finding) -> Iterator[Finding]:
    if finding.outcome is MET:
        return
    if finding.remedy:
        yield finding
    for part in finding.parts:
        yield from _remediable(part)
