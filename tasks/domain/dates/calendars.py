"""Calendar days: of the Gregorian calendar, and of the Solar Hijri (Jalali) calendar as Gregorian days."""

from datetime import date, timedelta


def common_day(year: int, month: int, day: int) -> date | None:
    """Return the day of the Gregorian calendar; None when there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def jalali_day(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian day of a Solar Hijri date; None when there is no such day.

    Years 1300 to 1499 only. Leap years follow the 33-year rule of K. Borkowski ("The Persian calendar
    for 3000 years", 1996), exact from 1244 to 1531.
    """
    if not (1300 <= year <= 1499 and 1 <= month <= 12 and day >= 1):
        return None
    if day > (31 if month <= 6 else 30 if month < 12 or _is_jalali_leap(year) else 29):
        return None
    days_before = (month - 1) * 31 - max(0, month - 7)
    return _nowruz(year) + timedelta(days=days_before + day - 1)


def _is_jalali_leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)


def _nowruz(year: int) -> date:
    """Return the first day of a Solar Hijri year, counted from 1 Farvardin 1400 = 21 March 2021."""
    days = 365 * (year - 1400)
    if year >= 1400:
        days += sum(_is_jalali_leap(past) for past in range(1400, year))
    else:
        days -= sum(_is_jalali_leap(past) for past in range(year, 1400))
    return date(2021, 3, 21) + timedelta(days=days)
