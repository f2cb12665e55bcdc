"""Error pages, walls and paywalled beginnings are recognised in many languages."""

import pytest

from tasks.domain.articles.article import PageContext, Reading, read_article
from tasks.errors import ErrorClass
from warehouse.records.source import Source

TEXT = (
    "<p>The address may have been typed wrongly, or the page was moved when the site was rebuilt.</p>"
    "<p>Choose one of the subjects in the menu, or begin again at the front page, where all reports "
    "of today stand in their order.</p>"
)
BEGINNING = (
    "<p>The council of the harbour town met late and decided that the ferry should run all winter.</p>"
    "<p>Two owners had asked for a pause, and a second vote may still change the price of a ticket.</p>"
)


def reading(html: str, title: str = "The Daily") -> Reading:
    page = f"<html><head><title>{title}</title></head><body>{html}</body></html>"
    url = "https://daily.example/news/1"
    return read_article(page.encode(), PageContext(url, url, "k"), Source("page", ""))


@pytest.mark.parametrize(
    "heading",
    [
        "We could not find what you were looking for",
        "Este artículo ya no está disponible",
        "Conteúdo não disponível",
        "Articolo non più disponibile",
        "Dit artikel is niet meer beschikbaar",
        "Artykuł nie jest już dostępny",
        "Článek již není dostupný.",
        "Artikeln är inte längre tillgänglig",
        "Haber bulunamadı",
        "صفحه مورد نظر یافت نشد",
        "הדף לא נמצא",
        "पेज नहीं मिला",
        "পাতাটি খুঁজে পাওয়া যায়নি",
        "صفحہ نہیں ملا",
        "Halaman tidak ditemukan",
        "Bài viết không tồn tại",
        "ไม่พบหน้าที่คุณต้องการ",
        "존재하지 않는 페이지입니다",
        "文章不存在或已删除",
        "Stranica ne postoji",
        "Strani ni mogoče najti",
        "Puslapis nerastas",
        "Lapa nav atrasta",
        "Lehekülge ei leitud",
        "Pàgina no trobada",
        "Бет табылмады",
        "Səhifə tapılmadı",
        "Sahifa topilmadi",
        "Faqja nuk u gjet",
        "Страницата не е пронајдена",
        "გვერდი ვერ მოიძებნა",
        "Էջը չի գտնվել",
    ],
)
def test_heading_that_says_that_a_page_is_missing(heading):
    refusal = reading(f"<main><h1>{heading}</h1>{TEXT}</main>").refusal
    assert refusal is not None
    assert refusal.error_class is ErrorClass.SOFT_404


@pytest.mark.parametrize(
    "sentences",
    [
        pytest.param(
            "Vi och våra 90 partner lagrar information, såsom unika identifierare i kakor, för att behandla "
            "personuppgifter. Du kan återkalla ditt samtycke i sekretessinställningarna.",
            id="sv",
        ),
        pytest.param(
            "Me ja 90 kumppaniamme käytämme evästeiden yksilöllisiä tunnisteita henkilötietojen käsittelyyn. "
            "Voit peruuttaa suostumuksesi tietosuoja-asetuksissa.",
            id="fi",
        ),
        pytest.param(
            "Мы и наши 90 партнёров храним уникальные идентификаторы в файлах cookie для персонализированной "
            "рекламы. Отозвать согласие можно в настройках конфиденциальности.",
            id="ru",
        ),
        pytest.param(
            "Mi i naših 90 partnera pohranjujemo jedinstvene identifikatore u kolačićima radi prilagođenih "
            "oglasa. Svoju privolu možete povući u postavkama privatnosti.",
            id="hr",
        ),
        pytest.param(
            "Εμείς και οι 90 συνεργάτες μας αποθηκεύουμε μοναδικά αναγνωριστικά σε cookies για "
            "εξατομικευμένες διαφημίσεις. Ανακαλέστε τη συγκατάθεσή σας στις ρυθμίσεις απορρήτου.",
            id="el",
        ),
        pytest.param(
            "We have detected unusual activity from your network and believe that you are using "
            "automation tools. Please make sure that JavaScript and cookies are enabled on your browser.",
            id="en, proof of being human",
        ),
        pytest.param(
            "Nous avons détecté une activité inhabituelle. Confirmez que vous n’êtes pas un robot, et que "
            "JavaScript et les cookies sont activés.",
            id="fr, proof of being human",
        ),
    ],
)
def test_wall(sentences):
    refusal = reading(f"<main><h1>The Daily</h1>{f'<p>{sentences}</p>' * 3}</main>").refusal
    assert refusal is not None
    assert refusal.error_class is ErrorClass.CONSENT


@pytest.mark.parametrize(
    "offer",
    [
        "اشترك لمتابعة القراءة",
        "Само за абонати",
        "Contingut exclusiu per a subscriptors",
        "Artikkel on ainult tellijatele",
        "הכתבה למנויים בלבד",
        "Za nastavak čitanja pretplatite se",
        "Berlangganan untuk membaca selengkapnya",
        "Aðeins fyrir áskrifendur",
        "Straipsnis tik prenumeratoriams",
        "Lai turpinātu lasīt, abonē",
        "Článok je len pre predplatiteľov",
        "Samo za naročnike",
        "Само за претплатнике",
        "Đăng ký để đọc tiếp",
    ],
)
def test_offer_below_a_beginning(offer):
    page = reading(f"<article><h1>Council votes</h1>{BEGINNING}<div><b>{offer}</b></div></article>")
    assert page.refusal is None
    assert page.article.is_partial
