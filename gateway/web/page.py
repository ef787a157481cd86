"""The frame of every page: one style, no script, nothing fetched from elsewhere."""

from __future__ import annotations

from html import escape

_STYLE = """
:root{--ink:#1c2b33;--soft:#5b6b73;--line:#d9e0e3;--paper:#fbfaf7;--leaf:#2f7d6b}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:50rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}h1{font-size:2rem;margin:0 0 .25rem}h2{margin:2.5rem 0 .5rem;font-size:1.25rem}
.lead{font-size:1.15rem;color:var(--soft);margin-top:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem}
dt{color:var(--soft)}dd{margin:0}code,pre{font-family:ui-monospace,monospace;font-size:.9rem}a{color:var(--leaf)}
pre{background:#10232b;color:#e6f0ee;padding:1rem 1.25rem;border-radius:.5rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.counts{border-collapse:collapse}.counts th{font-weight:400;text-align:left;padding:.1rem 1.25rem .1rem 0}.counts td{padding:.1rem 0}
.bar{display:inline-block;height:.7rem;background:var(--leaf);border-radius:.2rem;margin-right:.5rem}
@media(max-width:30rem){.bar{display:none}dl{grid-template-columns:1fr}}
"""


def page(title: str, body: str) -> str:
    """A whole HTML page; `body` is markup that is safe already."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"""
