"""What the HTML pages share: how each begins and ends, its style, and how text comes in.

No script, nothing loaded from elsewhere, dark and light. The content security policy lets the
page's own style in by its hash, and nothing else.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from ..plain import harmless

_STYLE = """
:root{--i:#1b1f24;--g:#fff;--q:#5c6570;--r:#dfe3e8;--b:#2f6fde;--l:#343b44;--s:#b7791f;
--good:#1a7f37;--late:#9a6700;--now:#cf222e;--none:#5c6570}
@media(prefers-color-scheme:dark){:root{--i:#e6e9ed;--g:#14171b;--q:#98a2ad;--r:#2c323a;
--b:#5b93f5;--l:#cdd4dc;--s:#d9a441;--good:#3fb950;--late:#d9a441;--now:#f8575e;--none:#98a2ad}}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem;background:var(--g);color:var(--i);
font:15px/1.5 system-ui,sans-serif}
h2{font-size:1.05rem;margin:2rem 0 .4rem}p{margin:.3rem 0}.q{color:var(--q)}
.v{border-left:.4rem solid var(--none);padding:.2rem 0 .2rem .9rem}
.v h1{font-size:1.3rem;margin:0 0 .4rem}.v dl{display:grid;grid-template-columns:4rem 1fr;margin:0}
dt{color:var(--q)}dd{margin:0}
.good{border-color:var(--good)}.late{border-color:var(--late)}.now{border-color:var(--now)}
.good h1 b{color:var(--good)}.late h1 b{color:var(--late)}.now h1 b{color:var(--now)}
details{border-top:1px solid var(--r);padding:.5rem 0}summary{cursor:pointer}
summary b{margin-right:.6rem}li{margin:.15rem 0}code{font:13px ui-monospace,monospace;
overflow-wrap:anywhere;background:var(--r);padding:.05rem .25rem;border-radius:.2rem}
.w{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .6rem .15rem 0;text-align:right;border-bottom:1px solid var(--r);
white-space:nowrap}th{color:var(--q);font-weight:400}th:first-child,td:first-child,
td.t,th.t{text-align:left}
pre{overflow-x:auto;font:13px/1.35 ui-monospace,monospace}
svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--i)}
svg .q{fill:var(--q)}.g{stroke:var(--r)}.a{stroke:var(--q)}.m{stroke:var(--late);
stroke-dasharray:3 3}svg .n{fill:var(--late)}.b{fill:var(--b)}.l{fill:var(--l)}
.s{fill:var(--s)}.k{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .8em}
.kb{background:var(--b)}.kl{background:var(--l)}
"""


def text_page(text: str, label: str, version: str) -> str:
    """A page of plain text."""
    return "\n".join((*begin_page(label), f"<pre>{text_lines(text)}</pre>", end_page(version), ""))


def text_lines(text: str) -> str:
    """Lines, each harmless."""
    return "\n".join(safe(line) for line in text.splitlines())


def safe(text: str) -> str:
    """Hostile text, as it may stand in a page."""
    return escape(harmless(text), quote=True)


def begin_page(title: str) -> Iterator[str]:
    """Up to the body."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{safe(title)} – kmodtop</title>"
    yield f"<style>{_STYLE}</style></head><body>"


def end_page(version: str) -> str:
    """Who has made it."""
    return f'<p class="q">kmodtop {safe(version)}</p></body></html>'
