"""What class names and ids say of a block: the vocabulary of furniture on news pages.

A class name is cut into words (`articleShare-box` -> `article-share-box`) and looked up whole or
at its word boundaries. Names that articles' own blocks carry as well are only taken whole.
"""

import re
from functools import lru_cache

_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9\u0080-\uffff]+")

# Taken only where they are the whole class name or id.
_WHOLE = """
ads?|ad-(?:slot|container|wrapper|unit|box|label|banner|break|placeholder|block)|advert|adverts|advertisement|adsbygoogle|
werbung|anzeige|publicidad|publicite|pubblicita|reklama|annons|sponsor|sponsors|sponsored|
hidden|hide|is-hidden|d-none|noprint|no-print|invisible|offscreen|element-invisible|
share|shares|sharing|social|socials|teilen|compartir|partager|condividi|tools|toolbar|tool-bar|
promo|promos|promotion|promoted|teaser|teasers|donate|donation|donations|spenden|spende|
comment|comments|respond|discussion|reactions?|reacties|kommentare?|kommentarer|comentarios|commentaires|commenti|
related|relateds|relacionad[ao]s?|correlati|similaires|verwandt|popular|trending|recommended|recommendations|
newsletter|newsletters|subscribe|subscription|signup|sign-up|abo|offer|offers|
caption|captions|credit|credits|byline|bylines|authors?-byline|copyright|
tags|taglist|keywords|topics|hashtags|categories|breadcrumbs?|crumbs?|pagination|pager|
sidebar|side-bar|rail|footer|navbar|navigation|menu|nav|
bio|biography|gallery|galleries|slideshow|carousel|slider|swiper|player|playlist|listen|poll|quiz|survey|feedback|
rating|ratings|vote|login|loginbox|registration|modal|popup|lightbox|overlay|cookie|consent|tweet|embed
"""
# Taken wherever they stand in a class name, at word boundaries.
_WITHIN = """
comment-(?:list|section|form|area|wrap|wrapper|thread|box|body|text|content|block|respond|author|meta|count|reply)|comments-(?:list|section|form|area|wrap|wrapper|block|box|title|container|app)|
(?:article|post|user|reader|entry|story)-comments?|disqus|livefyre|spot-im|viafoura|kommentarbereich|kommentar-(?:liste|bereich|form)|
share-?(?:bar|box|tools?|buttons?|links?|icons?|this|widget|wrapper|container|list|block|module|article)|(?:article|post|entry|social|story)-share|
social-?(?:bar|box|tools?|buttons?|links?|icons?|widget|wrapper|container|list|block|media|share|sharing|follow)|
sociable|addthis|addtoany|a2a-kit|sharedaddy|jp-relatedposts|
related-?(?:articles?|posts?|stories|story|links?|news|content|items?|box|block|list|topics?|reads?|container|wrapper|widget|module|section|video|entries)|
(?:article|post|story|content|news|inline|embed|auto|text)-related|recirc|recirculation|
(?:more|most)-(?:stories|news|from|on|read|popular|viewed|shared|articles|links|like|recent|commented)|mostread|mostpopular|
read-?(?:more|next|also|further)-?(?:box|block|links?|list|section|container|wrapper|articles?)?|also-?(?:read|on|like)|see-also|up-next|next-(?:article|story|post|up)|
post-?nav(?:igation)?|nav-(?:links|previous|next)|(?:article|post)-navigation|
outbrain|taboola|plista|nativo|revcontent|zergnet|mgid|adnow|dianomi|
teaser-?(?:list|box|block|group|container|wrapper|section|grid|inline|article)|(?:article|inline|content|text)-?teasers?|lesetipps?|lees-?ook|les-?mer|les-ogsa|
mehr-zum-thema|auch-interessant|weiterlesen|zum-thema|
newsletter-?(?:signup|sign-up|box|form|block|widget|banner|container|wrapper|promo|module|subscribe|inline|embed|section|teaser)|(?:article|inline|embed|promo)-newsletter|mc-embed-signup|mailchimp|
email-?signup|subscribe-?(?:box|form|block|widget|banner|now|container|wrapper|prompt)|whatsapp-?(?:channel|banner|box)|app-?(?:promo|banner|download)|
promo-?(?:box|block|banner|inline|module|unit|container|wrapper|text|card|link|list)|(?:article|inline|content|in-article)-promo|
ad-?(?:slot|container|wrapper|unit|banner|placeholder)|adslot|advertising|advertorial|adsense|dfp-ad|gpt-ad|google-ad|
cookie-?(?:banner|notice|bar|consent|law|policy|message|popup)|consent-(?:banner|modal|layer|manager|box)|onetrust|didomi|usercentrics|cmp-(?:container|box|wrapper)|gdpr|
twitter-tweet|twitter-embed|instagram-media|tiktok-embed|fb-post|fb-video|reddit-embed|reddit-card|embed-twitter|embed-tweet|tweet-embed|telegram-post|bluesky-embed|
(?:image|img|photo|picture|media|figure|video|foto|bild|wp|gallery|lead|hero|thumb|art|article)-?(?:captions?|credits?|copyright|byline|legend|description)|
caption-?(?:text|wrapper|container|block|credit|inner|body)|(?:text|inner)-?caption|photo-?(?:credit|by)|bild-?(?:unterschrift|nachweis|quelle|text|untertitel)|didascalia|fotocredit|
tag-?(?:list|cloud|links)|(?:post|article|entry|story)-?tags|cat-links|
post-?meta|entry-?meta|article-?meta(?:data)?|meta-?(?:info|bar)|article-?(?:info|byline|date|dates|author|authors|footer|tools|header-meta|actions)|post-?(?:info|footer|date|author)|entry-?(?:footer|date|author)|
author-?(?:box|bio|info|card|profile|block|about|description|container|widget|details|module|area|name|meta|byline|vcard)|about-?(?:the-?)?authors?|autor-?(?:box|info|en)|autoreninfo|byline-?(?:wrapper|container|block|name|author|date|info)|
widget-?area|right-?rail|side-?rail|site-?(?:footer|header|nav)|global-?(?:nav|header|footer)|mega-?menu|main-?(?:menu|nav)|skip-?(?:link|links|to-content|nav)|
audio-?player|video-?player|media-?player|podcast-?player|text-to-speech|vorlesen|reading-?time|read-?time|
sr-only|visually-?hidden|screen-?reader(?:-text)?|assistive-text|u-hidden|
paywall-?(?:box|message|overlay|prompt|banner|teaser|offer|notice|info)|regwall|tp-modal|piano-|subscriber-only-message|
donation-?(?:box|banner|form|appeal)|spenden-?(?:box|aufruf|banner)|support-us|cta-?(?:box|banner|inline)|
infobox-promo|rec-(?:posts?|title|list)|collections?-card|fact-?box|faktaboks|faktaruta|fakta-?box|key-?(?:points|takeaways|facts)|article-summary|print-?only|report-error|error-report|image-gallery|photo-gallery|
(?:article|post|entry)-(?:date|time|timestamp)|timestamp|published-?(?:date|at|on|by)|publish-?(?:date|time)|date-?(?:published|line-info|time)|pub-?date
"""
_WHOLE_NAME = re.compile(
    r"^(?:(?:js|is|has|c|m|o|b|u|l|g|wp-block|block|article|post|entry|story|page|content|text|the|td|tdb)-)?(?:"
    + re.sub(r"\s+", "", _WHOLE)
    + r")(?:-\d+)?$"
)
_WITHIN_NAME = re.compile(r"(?:^|-)(?:" + re.sub(r"\s+", "", _WITHIN) + r")(?=-|$)")
_ARTICLE_NAME = re.compile(
    r"(?:^|-)(?:(?:article|story|post|entry|news)-?(?:body|text|content|copy|main|container|wrapper|page|detail)|rich-?text|body-?(?:text|copy|content)|"
    r"main-?content|fulltext|has|no|with|without|single|layout|wrapper|label)(?=-|$)"
)
_COMMENTS_NAME = re.compile(
    r"^(?:(?:wp|block|js|article|post)-)?(?:comments?-(?:list|section|wrapper|wrap|area|block|container|thread|app|box)|"
    r"comments|disqus(?:-thread)?|field-name-comment|kommentare|comentarios|commentaires|commenti|kommentarbereich)$"
)
_HIDDEN_NAME = re.compile(
    r"(?:^|-)(?:sr-only|visually-?hidden|screen-?reader(?:-text)?|assistive-text|element-invisible|"
    r"(?:image|photo|media|figure|video|foto|bild)-?(?:captions?|credits?|copyright|byline))(?=-|$)|^(?:is-)?hidden$|^d-none$|^(?:caption|credit|credits|copyright)$"
)


@lru_cache(maxsize=30_000)
def names_furniture(classes: str) -> bool:
    """Say whether a block's class names or ids are those of furniture."""
    names = [_words(name) for name in classes.split()[:30]]
    return any(
        _WHOLE_NAME.search(name) or (_WITHIN_NAME.search(name) and not _ARTICLE_NAME.search(name))
        for name in names
    )


@lru_cache(maxsize=30_000)
def names_comments(classes: str) -> bool:
    """Say whether a block's class names or ids are those of what readers wrote."""
    return any(_COMMENTS_NAME.search(_words(name)) for name in classes.split()[:30])


@lru_cache(maxsize=30_000)
def names_hidden(classes: str) -> bool:
    """Say whether an inline element's class names are those of hidden text or of a credit."""
    return any(_HIDDEN_NAME.search(_words(name)) for name in classes.split()[:30])


def _words(name: str) -> str:
    return _WORD_BREAK.sub("-", name[:120]).lower().strip("-")
