"""The site's own name in and around a headline: the names it goes by, and titles without them.

Title tags and `og:title` often hold the site's name, or its section, before or behind the headline.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from tasks.domain.pages.metadata import PageReading
from tasks.domain.text.normalise import compact_key, comparison_key, squeeze
from tasks.domain.titles.headings import is_branding
from tasks.domain.urls.host import domain_label

# A Korean vowel (U+3163) stands for a bar on Korean sites.
SEPARATOR = re.compile(
    r"\s+(?:[|\-–—·•:»«/ǀㅣ>*]|::|//|\|\||--)\s+|\s*[|｜｢ㅣ]\s*|[-–—_](?=\S*$)|\s*(?::\s+|：)|(?<=\w)[-–—]\s+"
)
_SPACED_SEPARATOR = re.compile(r"\s+[|\-–—·•:»«]\s+")
_PRINTED_DATE = re.compile(r"\s+[:|–-]\s+\d{1,2}[./]\d{1,2}[./]\d{4}\b[\d\s,.:]*(?:Uhr)?$")
# "…_社会_海岸新闻网": the section before the site.
_CJK_SITE = re.compile(r"(?:_[\u4e00-\u9fff]{2,6})?[-_|—][\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,8}$")
_SURE_SEPARATOR = re.compile(r"\s*[|｜ǀㅣ]\s*|\s+(?:»|::)\s+")
_ORNAMENT = re.compile(r"\s+[⋆★☆•·|»«~*]+$")
_LEAST_HEADLINE = 8  # characters
_MAX_SITE_WORDS = 7
_MAX_SITE_CHARS = 60


def site_keys(reading: PageReading, site_names: Sequence[str]) -> set[str]:
    """Return the compact keys of every name that the site goes by on this page."""
    label = domain_label(reading.url)
    host = reading.url.split("/")[2] if reading.url.count("/") >= 2 else ""
    names = [*site_names, label, host, host.removeprefix("www.")]
    named = reading.metas.all("og:site_name", "application-name", "apple-mobile-web-app-title")
    names += [value for _, value in named]
    # `og:site_name` of some systems is the title tag: the headline is no name of the site.
    names = [part for name in names for part in (name, *_SPACED_SEPARATOR.split(name))]
    names = [name for name in names if len(name.split()) <= _MAX_SITE_WORDS and len(name) <= _MAX_SITE_CHARS]
    names += [squeeze(e.text_content()) for e in islice(reading.root.iter("h1"), 5) if is_branding(e)]
    keys = {compact_key(name) for name in names if name}
    keys |= {compact_key(f"{label}.{suffix}") for suffix in ("com", "de", "net", "org") if label}
    return {key for key in keys if len(key) > 1}


def strip_site(
    title: str,
    known_sites: Iterable[str],
    headings: Sequence[str],
    *,
    others: Sequence[str] = (),
    is_title_tag: bool = False,
) -> str:
    """Return the title without the site's name before or behind it.

    A part goes when it is one of `known_sites`, when what remains is one of the page's `headings`, or when
    the part before it is what one of the `others` (machine titles) says. Of a title tag, what stands behind a
    bar goes, too.
    """
    title = _ORNAMENT.sub("", _PRINTED_DATE.sub("", title))
    keys = set(known_sites)
    cuts = list(SEPARATOR.finditer(title))
    rest = _rest_shown_elsewhere(title, cuts, headings, others) or _rest_without_site(title, cuts, keys)
    if rest is not None:
        return strip_site(rest, keys, headings, others=others, is_title_tag=is_title_tag)
    return _without_tail(title) if is_title_tag else title


def _rest_shown_elsewhere(
    title: str, cuts: Sequence[re.Match[str]], headings: Sequence[str], others: Sequence[str]
) -> str | None:
    shown = {comparison_key(text) for text in headings if text}
    named = shown | {comparison_key(text) for text in others if text}
    if comparison_key(title) in shown:
        return None
    for cut in cuts:
        if ":" in cut.group() or "：" in cut.group():  # what a colon cuts off is a kicker, not a site
            continue
        before, behind = title[: cut.start()].strip(), title[cut.end() :].strip()
        if len(before) > _LEAST_HEADLINE and comparison_key(before) in named:
            return before
        if len(behind) > _LEAST_HEADLINE and comparison_key(behind) in shown:
            return behind
    return None


def _rest_without_site(title: str, cuts: Sequence[re.Match[str]], keys: Collection[str]) -> str | None:
    for cut in cuts:  # leftmost cut first: the whole tail may be one name with a bar in it
        if cut.start() > 3 and compact_key(title[cut.end() :]) in keys:
            return title[: cut.start()].strip()
    for cut in reversed(cuts):
        if len(title) - cut.end() > 3 and compact_key(title[: cut.start()]) in keys:
            return title[cut.end() :].strip()
    return None


def _without_tail(title: str) -> str:
    if (site := _CJK_SITE.search(title)) and site.start() > 6:
        return title[: site.start()].strip()
    if (bar := _SURE_SEPARATOR.search(title)) and bar.start() > 12 and not _closes_quote(title, bar):
        return title[: bar.start()].strip()
    return title


def _closes_quote(title: str, bar: re.Match[str]) -> bool:
    """Say whether a separator is the end of a quotation: "« Je pars » : la cheffe s'explique"."""
    before = title[: bar.start()]
    return bar.group().strip() == "»" and before.count("«") > before.count("»")
