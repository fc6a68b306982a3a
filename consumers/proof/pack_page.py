"""The readable page of an evidence pack: what each record says, in Chinese and English, without scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import unquote

from schemas.catalogue import BY_NAME
from schemas.spans import CHINA

_HEAD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}th,td{{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}}
code{{word-break:break-all}}section{{border-top:1px solid #999}}</style></head><body>
<h1>证据包 · Evidence pack</h1>
<p>{count} 条记录，案件 <code>{case}</code>。本页仅供阅读；核验请运行 <code>python verify.py 证据包.zip 公钥</code>，
公钥须另行取得。</p>
<p>{count} records of case <code>{case}</code>. This page is for reading; to verify run
<code>python verify.py PACK.zip PUBLIC-KEY</code>, with the public key obtained by another way.</p>
"""


def pack_page(
    case: str,
    records: Sequence[Mapping[str, Any]],
    said: Sequence[tuple[Mapping[str, str], Mapping[str, Any]]],
) -> str:
    """The page as HTML; `said` has headers and payload of each record."""
    told = zip(records, said, strict=True)
    sections = [_section(record, headers, data) for record, (headers, data) in told]
    head = _HEAD.format(title=f"证据包 {escape(case)}", count=len(records), case=escape(case))
    return head + "\n".join(sections) + "\n</body></html>\n"


def _section(record: Mapping[str, Any], headers: Mapping[str, str], data: Mapping[str, Any]) -> str:
    known = BY_NAME[headers["ce_type"]]
    written = datetime.fromtimestamp(record["written_ms"] / 1000, UTC).astimezone(CHINA)
    rows = [
        ("说话单位 · Source", headers["ce_source"]),
        ("编号 · Id", headers["ce_id"]),
        ("案号 · Case number", f"{headers['ce_originunit']} {unquote(headers['ce_origincase'])}"),
        ("发生 · Happened", f"{headers['ce_time']} ({headers.get('ce_timeprecision', 'second')})"),
        ("入总线 · Recorded", written.isoformat(timespec="milliseconds")),
        ("位置 · Place", f"{record['partition']}/{record['offset']}"),
        ("摘要 · Digest", record["digest"]),
        *((name, _text(value)) for name, value in data.items() if value not in (None, "", [])),
    ]
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<section><h2>{escape(known.zh)} · {escape(known.en)}</h2><table>{cells}</table></section>"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
