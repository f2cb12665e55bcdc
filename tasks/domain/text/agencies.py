"""News agencies: names under which texts are credited, none of which is a person."""

import re

from tasks.domain.text.normalise import comparison_key

# Canonical name | other writings. Initials are only taken in upper case (see `find_agency`).
_AGENCIES = """
AP|Associated Press|The Associated Press
Reuters|Thomson Reuters|Рейтер
AFP|Agence France-Presse|Agence France Presse|АФП|ا ف ب|أ ف ب|فرانس برس
dpa|Deutsche Presse-Agentur|dpa-AFX|dpa/lno|ДПА
APA|Austria Presse Agentur
SDA|Keystone-SDA|ATS|Schweizerische Depeschenagentur
epd|Evangelischer Pressedienst
KNA|Katholische Nachrichten-Agentur
SID|Sport-Informations-Dienst
ANSA|Agenzia ANSA
AGI|Agenzia Italia
Adnkronos|LaPresse|Askanews
EFE|Agencia EFE|Europa Press
Lusa|Agência Lusa|Agência Brasil|Estadão Conteúdo|Folhapress
ANP|Belga|Ritzau|NTB|TT|STT|LETA|BNS|Baltic News Service|ELTA
PAP|Polska Agencja Prasowa
ČTK|CTK|TASR|SITA|MTI|Agerpres|Mediafax|Tanjug|Beta|Fena|Hina|STA|BTA|БТА|ANA-MPA|ΑΠΕ-ΜΠΕ
TASS|ТАСС|ITAR-TASS|ИТАР-ТАСС
RIA Novosti|РИА Новости|РИА
Interfax|Интерфакс|Interfax-Ukraine|Интерфакс-Украина
Sputnik|Спутник
OREANDA-NEWS|OREANDA|Ореанда|ОРЕАНДА-НОВОСТИ
Ukrinform|Укрінформ|Укринформ|UNIAN|УНІАН|УНИАН
BelTA|БЕЛТА
Kazinform|Казинформ|Trend|Azertac|APA.az|Armenpress|Interpressnews
Anadolu|Anadolu Agency|Anadolu Ajansı|AA|DHA|İHA|Demirören Haber Ajansı
Xinhua|Xinhua News Agency|新华社|新華社|中新社|中央社|CNA|China News Service
Kyodo|Kyodo News|共同通信|共同|時事通信|Jiji Press|Jiji
Yonhap|Yonhap News|연합뉴스|뉴시스|뉴스1
KCNA|PTI|Press Trust of India|ANI|IANS|UNI
Bernama|Antara|VNA|TTXVN|TTXVN/Vietnam+|UNB|BSS|APP|NNN
MENA|SPA|WAM|QNA|KUNA|Petra|SANA|NNA|MAP|APS|IRNA|ISNA|Fars|Mehr|Tasnim
سانا|وام|واس|بترا|كونا|قنا|رويترز|الأناضول|وفا|شينخوا
NAN|SAnews|PANA|GNA|AAP|Australian Associated Press|NZME
CP|The Canadian Press|La Presse Canadienne|Canadian Press|PA Media|PA|Press Association
UPI|United Press International|Bloomberg|Bloomberg News|Dow Jones|Dow Jones Newswires|CNN Newsource
CNN Wire|Newswires|PR Newswire|Business Wire|GlobeNewswire|Tribune News Service|TNS
Inter Press Service|IPS
RFI|Notimex|Télam|Telam|Prensa Latina|Xinhua Español|Andina
"""

_CANONICAL: dict[str, str] = {}
for _line in _AGENCIES.strip().splitlines():
    for _name in _line.split("|"):
        _CANONICAL.setdefault(comparison_key(_name), _name)

_SHORT_NAMES = frozenset(name for name in re.split(r"[|\n]", _AGENCIES) if name and len(name) <= 5)
_SPLIT = re.compile(r"\s*(?:[/,;|&+]|\s-\s|\s(?:and|und|et|y|e|i|og|och|en|и|та|ve|with|mit|avec)\s)\s*")


def is_agency(name: str) -> bool:
    """Say whether a name is that of a news agency, or of several."""
    parts = [part for part in _SPLIT.split(name.strip(" ()[]")) if part]
    return bool(parts) and all(_is_one(part) for part in parts)


def _is_one(name: str) -> bool:
    name = name.strip(" .()[]")
    if comparison_key(name) not in _CANONICAL:
        return False
    # `Sana`, `Beta`, `Anita` are names of people and things: initials count in capitals only.
    return len(name) > 5 or name in _SHORT_NAMES or name.isupper() or not name.isascii()


def has_agency(text: str) -> bool:
    """Say whether one of the parts of a byline is a news agency."""
    return any(_is_one(part) for part in _SPLIT.split(text.strip(" ()[]")) if part)
