"""Times that are told from the moment of reading: "2 hours ago", "vor 3 Stunden", "вчера в 16:58".

Tried when a text holds no full date. Hours and minutes give an instant, days give a day; weeks and
longer give neither, since the day is then a guess.
"""

import re
from dataclasses import dataclass

from tasks.domain.dates.grammar import Clock, find_clock
from tasks.domain.dates.months import plain_word
from tasks.domain.dates.tokens import Tokens, tokens_of
from tasks.domain.dates.zones import Zone

MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class Relative:
    """How far back a text points: minutes, or days with a clock where one is printed."""

    minutes: int | None = None
    days: int | None = None
    clock: Clock | None = None
    zone: Zone | None = None


def _words(text: str) -> frozenset[str]:
    return frozenset(plain_word(word) for word in text.split())


_MINUTES = _words(
    "minute minutes min mins minuten minuto minutos minuti minuut minuta minuty minut minutes' minuter "
    "minutter "
    "minuuttia minuutti dakika dk λεπτά λεπτό минуту минуты минут мин хвилину хвилини хвилин хв минути "
    "минута "
    "minúta minúty minút minute minutu minuta perc perce perccel perce دقيقة دقائق دقیقه דקה דקות मिनट "
    "মিনিট นาที "
    "menit minit phút 分 分鐘 分钟 分間 분 dəqiqə minutes"
)
_HOURS = _words(
    "hour hours hr hrs h std stunde stunden heure heures hora horas ora ore uur uren час часа часов годину "
    "години "
    "годин ч godzinę godziny godzin godz hodinu hodiny hodin hodinou hodinami hodín sat sata sati ur uro "
    "timer time "
    "timme timmar tunti tuntia t saat ώρα ώρες óra órája órával ساعة ساعات ساعت שעה שעות घंटे घंटा घण्टे "
    "ঘণ্টা ชั่วโมง "
    "jam giờ tiếng 小時 小时 時間 시간 個小時 个小时 часа"
)
_DAYS = _words(
    "day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dagar dager dage день "
    "дня дней дні "
    "днів dzień dni den dny dní dnem dny dana dan päivä päivää gün ημέρα ημέρες μέρες nap napja nappal zi "
    "zile يوم "
    "أيام ایام روز יום ימים दिन দিন วัน hari ngày 天 日 일 дена дни"
)
_DUALS = {plain_word(word): unit for word, unit in {"دقيقتين": 2, "ساعتين": 120, "שעתיים": 120}.items()}
_DUAL_DAYS = _words("يومين יומיים")
_AGO_UNITS = _words("órája perce napja")  # Hungarian: the ending says "ago"
_ONES = _words(
    "a an one ein eine einer einem un une uno una um uma een en et ett ei один одну одна jedną jeden jednu "
    "bir μία μια "
    "ένα egy o yksi واحد אחת"
)
_BEFORE_WORDS = _words(
    "vor hace il y a há منذ قبل לפני πριν από acum преди пре pre prije pred před prieš pirms fa vo des de"
)
_AFTER_WORDS = _words(
    "ago назад тому temu fa geleden siden sedan sitten önce पहले আগে 前 之前 以前 전 trước lalu yang lepas "
    "ที่แล้ว ที่ผ่านมา "
    "ezelőtt پیش قبل əvvəl atrás ago. для"
)
_FILLER = _words(
    "about around circa ca etwa ungefähr environ около примерно om o e il y a posted published updated"
)

_DAY_WORDS: dict[str, int] = {
    plain_word(word): days
    for days, words in {
        0: """
            today heute aujourd'hui hoy hoje oggi vandaag сегодня сьогодні днес данас danas dzisiaj dziś
            dzis dnes idag tänään bugün σήμερα اليوم امروز היום आज আজ วันนี้ 오늘 azi astăzi avui hoxe
            šiandien šodien täna danes
        """,
        1: """
            yesterday gestern hier ayer ontem ieri gisteren вчера вчора јуче juče jučer wczoraj včera igår
            eilen dün χθες χτες أمس امس دیروز אתמול গতকাল เมื่อวาน เมื่อวานนี้ 어제 ahir vakar eile včeraj
            tegnap
        """,
        2: """
            vorgestern avant-hier anteayer позавчера позавчора przedwczoraj předevčírem 그저께 eergisteren
        """,
    }.items()
    for word in words.split()
}
_DAY_PHRASES = {
    ("i", "dag"): 0,
    ("i", "går"): 1,
    ("i", "gar"): 1,
    ("hôm", "nay"): 0,
    ("hôm", "qua"): 1,
    ("hari", "ini"): 0,
}
_EAST_DAYS = {
    "今日": 0,
    "今天": 0,
    "本日": 0,
    "昨日": 1,
    "昨天": 1,
    "一昨日": 2,
    "前天": 2,
}  # no spaces: not one token
_NOW = re.compile(
    r"just now|moments ago|только что|щойно|gerade eben|(?:à|a) l'instant|ahora mismo|agora mesmo|adesso"
    r"|zojuist|przed chwilą|právě teď|just nu|akkurat nå|lige nu|az önce|刚刚|剛剛|たった今|방금(?: 전)?|الآن"
    r"|baru saja|vừa xong"
)
_COUNTED_EAST = re.compile(
    r"(\d{1,4})\s?(分|分鐘|分钟|分間|분|小時|小时|時間|시간|個小時|个小时|天|日|일)\s?(?:之?前|以前|전)"
)


_TELLING = _MINUTES | _HOURS | _DAYS | set(_DUALS) | _DUAL_DAYS | _AGO_UNITS | set(_DAY_WORDS)
_TELLING |= {word for phrase in _DAY_PHRASES for word in phrase} | _words(
    "now moments только щойно eben l'instant mismo mesmo adesso zojuist chwilą teď just nå nu önce الآن baru "
    "vừa"
)
_EAST = re.compile("[前天日전제늘금今昨剛刚]")


def may_be_relative(text: str) -> bool:
    """A cheap sieve: False when no word of the text can be part of such a time."""
    words = text.lower().split(None, 8)[:8]
    if any(word.strip(".,:|()") in _TELLING for word in words):
        return True
    return not text.isascii() and (
        _EAST.search(text) is not None or any(plain_word(word) in _TELLING for word in words)
    )


def read_relative(text: str) -> Relative | None:
    """How far back the text points; None when it is not such a time and nothing else."""
    if not 2 <= len(text) <= MAX_CHARS:
        return None
    tokens = tokens_of(text)
    plain = plain_word(tokens.text).strip(" .!")
    if _NOW.fullmatch(plain):
        return Relative(minutes=0)
    if (east := _COUNTED_EAST.fullmatch(plain)) is not None:
        return _counted(int(east[1]), east[2])
    words = [plain_word(tokens.text[start:end]) for start, end in tokens.spans]
    return _day_named(tokens, words) or _ago(words)


def _counted(number: int, unit: str) -> Relative | None:
    if unit in _MINUTES:
        return Relative(minutes=number)
    if unit in _HOURS:
        return Relative(minutes=number * 60)
    return Relative(days=number) if unit in _DAYS else None


def _ago(words: list[str]) -> Relative | None:
    """ "2 hours ago", "vor 3 Stunden", "il y a une heure", "منذ ساعتين"."""
    words = [word for word in words if word not in ".,()|!:"]
    if not 2 <= len(words) <= 6 or not (
        _BEFORE_WORDS & set(words[:4]) or words[-1] in _AFTER_WORDS | _AGO_UNITS
    ):
        return None
    for index, word in enumerate(words):
        around = words[max(0, index - 1) : index] if index else []
        if (found := _unit(word, around)) is not None:
            used, relative = found
            rest = words[: index - used] + words[index + 1 :]
            return relative if (rest or word in _AGO_UNITS) and _all_known(rest) else None
    return None


def _unit(word: str, before: list[str]) -> tuple[int, Relative] | None:
    """(number words used, meaning) of a unit word with the number before it."""
    if word in _DUALS:
        return 0, Relative(minutes=_DUALS[word])
    if word in _DUAL_DAYS:
        return 0, Relative(days=2)
    if word not in _MINUTES and word not in _HOURS and word not in _DAYS:
        return None
    number = before[-1] if before else ""
    if number.isdigit() and len(number) <= 4:
        relative = _counted(int(number), word)
        return (1, relative) if relative else None
    relative = _counted(1, word)
    return (1 if number in _ONES else 0, relative) if relative else None


def _all_known(words: list[str]) -> bool:
    return all(word in _BEFORE_WORDS or word in _AFTER_WORDS or word in _FILLER for word in words)


def _day_named(tokens: Tokens, words: list[str]) -> Relative | None:
    """ "Today", "вчера в 16:58", "Heute, 16:58 Uhr"."""
    for name, past in _EAST_DAYS.items():
        if tokens.text.startswith(name):
            end = next((i for i, (start, _) in enumerate(tokens.spans) if start >= len(name)), len(words))
            return _with_clock(tokens, past, 0, end)
    for index, word in enumerate(words[:4]):
        days = _DAY_WORDS.get(word)
        width = 1
        if days is None and index + 1 < len(words):
            days = _DAY_PHRASES.get((word, words[index + 1]))
            width = 2
        if days is not None:
            return _with_clock(tokens, days, index, index + width)
    return None


def _with_clock(tokens: Tokens, days: int, start: int, end: int) -> Relative | None:
    rest = tokens.shape[end:]
    clock, zone, used = find_clock(tokens, end)
    left = tokens.shape[:start] + (tokens.shape[used:] if clock else rest)
    if left.strip("uo.,:!()|hW~@"):
        return None
    return Relative(days=days, clock=clock, zone=zone)
