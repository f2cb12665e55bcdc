"""Query parameters that name how a reader came or how a page is shown, never which article it is.

By exact name, compared in lower case: a pattern such as `*source` or `*mc` would also take `source=2` or
`mc=7`, which choose the article on some sites. Where a name is used for both, its value decides
(`ref=rss` goes, `ref=41` stays). Names of identity (`id`, `p`, `cid`, `sid`, `nid`, `page`, `lang`,
`campaign`, `medium`, `reference`) are in none of these lists.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Families that one vendor owns as a whole: Google Analytics, HubSpot ads, Matomo.
FAMILIES = ("utm_", "utm-", "_utm_", "hsa_", "mtm_", "__utm")

TRACKERS = _words(
    """
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid gs_ref _ga _gl _gid _gac _gaexp
    ga_source ga_medium ga_term ga_content ga_campaign ga_place
    utmsource utmmedium utmcampaign utmterm utmcontent
    fbclid fb_action_ids fb_action_types fb_ref fb_source fb_comment_id action_object_map action_type_map
    action_ref_map mibextid sfnsn igshid igsh ig_rid __tn__ __xts__ __cft__ __cft__[0] hc_ref hc_location
    ttclid tt_medium tt_content twclid __twitter_impression ref_src ref_url epik li_fat_id trkcampaign trkinfo
    srsltid cx_testid cx_testvariant cx_artpos cx_tag cx_experienceid dgcid tmcampid tmplacement
    rdt_cid sccid scid_click vk_ref_id spref wprov
    msclkid msockid yclid ymclid ysclid _openstat wickedid roistat mindbox-click-id mindbox-message-key
    irclickid irgwc awc zanpid cjevent ranmid raneaid ransiteid clickid click_id tblci dicbo obclid oborigurl
    rb_clickid unicorn_click_id vgo_ee admitad_uid
    mc_cid mc_eid mc_tc ml_subscriber ml_subscriber_hash mkt_tok _hsenc _hsmi __hssc __hstc __hsfp
    hsctatracking sharetoken share_token
    vero_id vero_conv _ke _kx _bta_c _bta_tid dm_i dm_t nr_email_referer oly_anon_id oly_enc_id
    spjobid spmailingid spuserid spreportid elq elqtrackid elqaid elqat elqcampaignid elqtrack
    sfmc_id sfmc_activityid sfmc_sub et_cid et_rid bxid cndid hctky
    s_cid s_kwcid ef_id sc_cid sc_camp sc_src sc_channel sc_campaign sc_content sc_medium sc_outcome sc_geo
    sc_country cm_mmc cm_mmca1 cm_mmca2 cm_mmca3 cm_mmca4 cm_ven cm_cat cm_ite cm_lm cm_re cm_sp
    wt_mc wt.mc_id wt.mc_ev wt.mc_n wt.tsrc wt.nav wt_zmc wtmc
    pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid pk_cpn
    piwik_campaign piwik_kwd piwik_keyword matomo_campaign matomo_kwd matomo_keyword
    xtor xtref xts xtcr xtmc xtnp xtatc
    at_medium at_campaign at_campaign_type at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_type
    at_link_origin at_format at_ptr_name at_bbc_team at_creation at_variant at_platform at_detail at_general
    at_network at_term at_channel at_type at_size at_identifier at_recipient_id at_recipient_list at_send_date
    at_send_time at_emailtype at_email_type at_ad_id at_adid
    ns_mchannel ns_source ns_campaign ns_linkname ns_fee ns_mail_uid ns_mail_job
    cmp cmpid cmp_id cmpgncd intcmp int_cmp intcid int_source int_medium int_campaign int_content int_term
    itm_source itm_medium itm_campaign itm_content itm_term ito icmp internal_source
    hmb_campaign hmb_medium hmb_source stm_source stm_medium stm_campaign ss_source ss_campaign_id
    ss_campaign_name ss_campaign_sent_date ss_email_id
    smid smtyp smprod soc_src soc_trk sr_share sharetype share_source share_medium share_plat share_session_id
    share_from share_tag share_times shareadid hootpostid echobox sthash traffic_source trafficsource
    guccounter guce_referrer guce_referrer_sig tsrc .tsrc yptr ftag ftcamp dmcid ncid_src
    feedname feedtype feedid_src rsssource rss_source referrer referer referringsource refsrc _branch_match_id
    _branch_referrer spm scm trk tracksrc trackingcode tracking_source tracking_medium
    fromrss from_rss fromfeed isfromrss isrss viafeed
    amp_js_v amp_gsa amp_r amp_ct amp_lite amp_latest_update_time amp_tf amp_kit _amp __amp_source_origin usqp
    noamp nomobile is_amp isamp
    replytocom showcomment showcomments doing_wp_cron relatedposts_hit relatedposts_origin
    relatedposts_position preview_nonce chash nocache cachebuster cache_buster no_cache
    phpsessid jsessionid aspsessionid sessionid asp.net_sessionid cfid cftoken zenid oscsid
    """
)

_YES = frozenset({"", "1", "true", "yes", "y", "on"})
_CAME_FROM = _words(
    """
    rss rss1 rss2 rss2.0 rss-feed rssfeed rss_feed feed feeds atom xml-feed newsfeed nl newsletter email mail
    twitter tw twtrdg facebook fb fbk linkedin instagram whatsapp wa telegram tg reddit pinterest flipboard
    social sharing share sharebutton share-button addtoany googlenews google_news google-news googlealerts
    applenews apple_news upday pocket
    """
)
_NETWORKS = _CAME_FROM | frozenset(
    {"x", "tumblr", "jetpack-whatsapp", "skype", "print", "threads", "mastodon", "bluesky"}
)
_AMP = frozenset({"amp", "amphtml", "amp-type"})
_PRINT = frozenset({"print", "printable", "printer", "printview", "printerfriendly", "printer-friendly"})
_SHOWN_AS = _AMP | _PRINT | frozenset({"mobile"})

# Names that say something else on other sites: only these values mean "how it is shown" or "where from".
BY_VALUE: dict[str, frozenset[str]] = {
    "share": _NETWORKS,
    "shared": _NETWORKS,
    "shareto": _NETWORKS,
    "share_to": _NETWORKS,
    "pagewanted": frozenset({"all", "print"}),
}
for _name in _words(
    """
    amp mobile ismobile print printable printview print_view printversion print_version printerfriendly
    printer_friendly printfriendly printmode singlepage single_page showall fullpage rss
    noredirect no_redirect app
    """
):
    BY_VALUE[_name] = _YES
for _name in _words(
    """
    output outputtype view format mode layout display template tmpl action render version viewmode viewtype
    variant service platform
    """
):
    BY_VALUE[_name] = _SHOWN_AS
for _name in _words("ref source src from via partner origin feed"):
    BY_VALUE[_name] = _CAME_FROM
BY_VALUE["tmpl"] |= {"component"}  # Joomla's bare page for printers
BY_VALUE["print"] |= _PRINT

_WORDY = re.compile(r"^(?=.*[a-z])[a-z0-9_.:|%+\- ]+$", re.IGNORECASE)
_RANDOM = re.compile(r"^(?=.*[a-z])(?=.*\d)[a-z0-9]{16,}$", re.IGNORECASE)
_CLOCK = re.compile(r"^\d{10,}$")
# Trackers of large publishers whose names are common words: a bare number may be an article's id.
WORDY_TRACKERS = frozenset({"ncid", "ocid", "icid", "mbid", "ocmp", "esrc"})

# What only the named sites use; their registrable domain is the key.
BY_SITE: dict[str, frozenset[str]] = {
    "nytimes.com": _words(
        """partner emc rref ref region action pgtype module version contentcollection contentplacement
        clicksource nl te
        campaign_id instance_id segment_id user_id regi_id unlocked_article_code searchresultposition
        mabreward share referringsource"""
    ),
    "wsj.com": frozenset({"mod", "reflink", "st", "page_type"}),
    "marketwatch.com": frozenset({"mod", "reflink", "link", "siteid"}),
    "barrons.com": frozenset({"mod", "reflink", "st"}),
    "ft.com": frozenset({"segmentid", "desktop", "sharetype", "token"}),
    "bloomberg.com": frozenset({"srnd", "sref", "leadsource", "embedded-checkout"}),
    "theguardian.com": frozenset({"dcr"}),
    "cnn.com": frozenset({"hpt", "iref", "eref", "sr"}),
    "washingtonpost.com": frozenset({"hpid", "tid", "wpisrc", "wpmm", "pwapi_token", "arc404", "itid"}),
    "twitter.com": frozenset({"s", "t", "cn", "refsrc"}),
    "x.com": frozenset({"s", "t", "cn", "refsrc"}),
    "youtube.com": frozenset({"feature", "si", "pp", "ab_channel", "t"}),
    "facebook.com": frozenset({"refid", "eav", "paipv", "_rdr", "_rdc", "locale2"}),
    "medium.com": frozenset({"source", "sk", "gi"}),
    "reddit.com": frozenset({"rdt", "share_id", "correlation_id", "ref_campaign", "ref_source"}),
    "google.com": frozenset({"ved", "ei", "sei", "gs_l", "gs_lcp", "sca_esv", "sxsrf", "usg", "sa", "oc"}),
}


def is_tracker(name: str, value: str, site: str) -> bool:
    """Say whether a parameter of a page of `site` (registrable domain) never chooses the article."""
    low, said = name.lower(), value.lower()
    if low in TRACKERS or low.startswith(FAMILIES) or low in BY_SITE.get(site, ()):
        return True
    if said in BY_VALUE.get(low, ()):
        return True
    if low in WORDY_TRACKERS:
        return bool(_WORDY.match(value))
    return _is_passing(low, value)


def _is_passing(low: str, value: str) -> bool:
    """Say whether a parameter holds a session or the time of a request."""
    if low in ("session_id", "sess_id", "sessid"):
        return bool(_RANDOM.match(value))
    if low in ("_", "cb", "rnd", "rand"):
        return bool(_CLOCK.match(value))  # jQuery's and others' cache busters
    return low.startswith("aspsessionid")
