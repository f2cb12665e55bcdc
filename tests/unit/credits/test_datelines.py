"""Datelines of unlisted agencies."""

import pytest

from tasks.domain.credits.credit import read_dateline


@pytest.mark.parametrize(
    ("line", "place", "agency"),
    [
        ("MOSCOW, January 10 (Finmarket News) - The board decided", "MOSCOW", "Finmarket News"),
        ("TROMVIK. Jan 10 (Interpolar) - About two hundred", "TROMVIK", "Interpolar"),
        ("/Vostok-Info/ A crack in the blade", None, "Vostok-Info"),
        ("KYIV -- (CENTRAL POST) Trains of the metro", "KYIV", "CENTRAL POST"),
        ("Astana. 10 January. Kazagro – Exports of wheat", "Astana", "Kazagro"),
        ("PORT MARL, Jan 10 (MTA) -- The opposition", "PORT MARL", "MTA"),
        ("GRENWALD, 9 January. /Alp Press/. Two climbers", "GRENWALD", "Alp Press"),
        ("DUSHANBE, January 10, 2022 /Agro-Daily/ - The government", "DUSHANBE", "Agro-Daily"),
        ("BISHKEK (Tien Shan Info) — At least 48", "BISHKEK", "Tien Shan Info"),
        ("КРАСНОГОРСК, 9 янв - ТАЙГА-НОВОСТИ. Четверо лыжников", "КРАСНОГОРСК", "ТАЙГА-НОВОСТИ"),
        ("ПЕТРОВСК, 10 января. /Север-Информ/. Новый мост", "ПЕТРОВСК", "Север-Информ"),
        ("ВЕРБІВ, 10 січня (Наддністрянські вісті) – Виконавчий комітет", "ВЕРБІВ", "Наддністрянські вісті"),
        ("Norderbrück (npa) - Der Hafen", "Norderbrück", "npa"),
        ("Santa Olaya, 10 ene (Agencia Litoral).- El puerto", "Santa Olaya", "Agencia Litoral"),
        ("BELMOR, Nov. 6 (Continental Press) — The airport", "BELMOR", "Continental Press"),
    ],
)
def test_place_and_agency(line: str, place: str | None, agency: str) -> None:
    found = read_dateline(line)
    assert found is not None
    assert (found.place, found.agency) == (place, agency)


@pytest.mark.parametrize(
    "line",
    [
        "The minister (born 1960) - a friend of his said",
        "Angela Merkel (CDU) - the chancellor",
        "Berlin (SPD) - Der Senat hat",
        "MOSCOW (UPDATE) - The board",
        "On May 10 (Monday) the board met",
        "Am Montag, 10. Januar (Montag) hat der Rat",
        "Düsseldorf, 22. November 2022 - Der Öko-Energieversorger hat untersuchen lassen",
        "IKEA (Sweden) - the furniture maker",
        "NATO (North Atlantic Treaty Organization) - the alliance",
        "He said - and nobody doubted it - that it was late",
    ],
)
def test_brackets_that_name_no_agency(line: str) -> None:
    found = read_dateline(line)
    assert found is None or found.agency is None


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Varberg, October 21, 2025 – The yard opened", "Varberg"),
        ("Bad Harden, 21. Oktober 2025 - Die Werft", "Bad Harden"),
        ("Mr Lee, October 21 – the day", None),
    ],
)
def test_place_of_a_press_release(line: str, place: str | None) -> None:
    found = read_dateline(line)
    assert (found.place if found else None) == place
