"""Draws a state table as the Mermaid diagram that a page in docs/ shows, so that the page can be checked against the table."""

import re

_FENCED = re.compile(r"^```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def state_diagram(transitions, start):
    """The diagram of a table `{(state, cue): state after}`: one arrow a pair of states, with every cue that takes it.

    >>> print(state_diagram({("calm", "rise"): "rising", ("rising", "over"): "calm", ("rising", "back"): "calm"}, "calm"))
    stateDiagram-v2
        [*] --> calm
        calm --> rising: rise
        rising --> calm: over, back
    <BLANKLINE>
    """
    cues = {}
    for (state, cue), after in transitions.items():
        cues.setdefault((state, after), []).append(cue)
    arrows = [f"{state} --> {after}: {', '.join(by)}" for (state, after), by in cues.items()]
    return "\n    ".join(["stateDiagram-v2", f"[*] --> {start}", *arrows]) + "\n"


def diagrams_in(page):
    """The Mermaid diagrams of a Markdown file, in order."""
    return _FENCED.findall(page.read_text(encoding="utf-8"))
