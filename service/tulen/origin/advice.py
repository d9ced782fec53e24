"""What a verdict comes down to, read out of its tree: why it is so, and what would change it."""

from collections.abc import Iterator, Sequence

from tulen.origin.findings import MET, Finding, Outcome


def reasons(finding: Finding) -> tuple[str, ...]:
    """Return the conditions that give ``finding`` its outcome, each with its reason.

    Below a finding only those conditions count that have the same outcome; one without any speaks
    for itself, as where rules contradict each other, or where it was tested on materials. What
    nobody claimed, as that a good is wholly obtained, is no reason while there are others.
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
        for part in _claimed(finding.parts, finding.outcome)
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
    for part in _claimed(finding.parts, finding.outcome):
        yield from _remediable(part)


def _claimed(parts: Sequence[Finding], outcome: Outcome) -> list[Finding]:
    """Return ``parts`` without what nobody claimed, unless that alone leads to ``outcome``."""
    claimed = [part for part in parts if not part.aside]
    return claimed if outcome in [part.outcome for part in claimed] else list(parts)
