"""The frame of every page: one style, nothing fetched from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_STYLE = """
:root{--ink:#1c2b33;--soft:#5b6b73;--line:#d9e0e3;--paper:#fbfaf7;--leaf:#2f7d6b}
*{box-sizing:border-box}[hidden]{display:none!important}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:50rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}h1{font-size:2rem;margin:0 0 .25rem}h2{margin:2.5rem 0 .5rem;font-size:1.25rem}
.lead{font-size:1.15rem;color:var(--soft);margin-top:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem}
dt{color:var(--soft)}dd{margin:0}code,pre{font-family:ui-monospace,monospace;font-size:.9rem}a{color:var(--leaf)}
pre{background:#10232b;color:#e6f0ee;padding:1rem 1.25rem;border-radius:.5rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.counts{border-collapse:collapse}.counts th{font-weight:400;text-align:left;padding:.1rem 1.25rem .1rem 0}.counts td{padding:.1rem 0}
.bar{display:inline-block;height:.7rem;background:var(--leaf);border-radius:.2rem;margin-right:.5rem}
form{margin:1.25rem 0}label{display:block;margin:.75rem 0 .2rem}input[type=text],input[type=password],input[type=search],select
{display:block;font:inherit;width:100%;max-width:24rem;padding:.5rem .6rem;border:1px solid var(--line);border-radius:.35rem;background:#fff}
button,.button{font:inherit;display:inline-block;margin:1rem .5rem 0 0;
padding:.55rem 1.2rem;border:0;border-radius:.4rem;background:var(--leaf);color:#fff;cursor:pointer;text-decoration:none}
button.plain,.button.plain{background:none;color:var(--ink);border:1px solid var(--line)}.error{border-left:.25rem solid #b3261e;padding:.5rem .9rem;background:#fdf1f0}
.note{border-left:.25rem solid var(--leaf);padding:.5rem .9rem;background:#eef5f2}
details{margin:.9rem 0}form.inline{display:inline}form.inline button{margin:0 0 0 .75rem;padding:.2rem .8rem}
ul.plain{list-style:none;padding:0}ul.plain li{padding:.45rem 0;border-bottom:1px solid var(--line)}
fieldset{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0;padding:.4rem 1rem .8rem;background:#fff}legend{font-weight:600;padding:0 .4rem}
.tick{display:flex;gap:.7rem;align-items:baseline;margin:.6rem 0 0}.tick input{flex:none;width:1.1rem;height:1.1rem}
small{display:block;color:var(--soft);font-size:.9rem}em{color:#8a4b08;font-style:normal}
ul.picks{list-style:none;padding:0}
button.pick{display:block;width:100%;text-align:left;margin:.4rem 0;padding:.7rem 1rem;background:#fff;color:var(--ink);border:1px solid var(--line)}
button.pick span{color:var(--soft)}button.pick:hover,button.pick:focus{border-color:var(--leaf)}
@media(max-width:30rem){.bar{display:none}dl{grid-template-columns:1fr}}
"""


def page(title: str, body: str) -> str:
    """A whole HTML page; `body` is markup that is safe already."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"""


_templates = Environment(loader=PackageLoader("gateway.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def render_page(template: str, title: str, *, status: int = 200, **values: Any) -> Response:
    """A page from a template that extends frame.html. Never kept, never framed, no referrer: its address may hold what is secret."""
    html = _templates.get_template(template).render(title=title, style=Markup(_STYLE), **values)  # noqa: S704 - our own constant
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers.update({"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"})
    return response
