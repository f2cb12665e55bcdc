"""Month names in the languages of the news, for the readers of printed dates (`date_text`).

One line a language: twelve groups divided by commas, the forms of one month divided by spaces
(an underscore stands for a space inside a name). Forms are those that sites print: nominative and
genitive, full and abbreviated, with the spellings of neighbours (Levantine and Maghrebi Arabic).
A form that means different months in different languages ("lis" is November in Warsaw, October
in Zagreb) is kept per language and needs the page's language to be read.
"""

import unicodedata

MONTH_NAMES = {
    "en": "january jan, february feb febr, march mar, april apr, may, june jun, july jul, august aug, "
    "september sep sept, october oct, november nov, december dec",
    "de": "januar jan jänner jän, februar feb feber, märz mär maerz mrz, april apr, mai, juni jun, juli "
    "jul, "
    "august aug, september sep sept, oktober okt, november nov, dezember dez",
    "fr": "janvier janv jan, février févr fév, mars mar, avril avr, mai, juin, juillet juil juill jul, "
    "août aoû, "
    "septembre sept sep, octobre oct, novembre nov, décembre déc",
    "es": "enero ene, febrero feb, marzo mar, abril abr, mayo may, junio jun, julio jul, agosto ago, "
    "septiembre setiembre sept sep set, octubre oct, noviembre nov, diciembre dic",
    "it": "gennaio gen genn, febbraio feb febbr, marzo mar, aprile apr, maggio mag magg, giugno giu, "
    "luglio lug, "
    "agosto ago ag, settembre set sett, ottobre ott, novembre nov, dicembre dic",
    "pt": "janeiro jan, fevereiro fev, março mar, abril abr, maio mai, junho jun, julho jul, agosto ago, "
    "setembro set, outubro out, novembro nov, dezembro dez",
    "nl": "januari jan, februari feb febr, maart mrt maa, april apr, mei, juni jun, juli jul, augustus "
    "aug, "
    "september sep sept, oktober okt, november nov, december dec",
    "ru": "января янв январь, февраля фев февр февраль, марта мар март, апреля апр апрель, мая май, "
    "июня июн июнь, июля июл июль, августа авг август, сентября сен сент сентябрь, "
    "октября окт октябрь, ноября ноя нояб ноябрь, декабря дек декабрь",
    "uk": "січня січ січень, лютого лют лютий, березня бер березень, квітня кві квіт квітень, "
    "травня тра трав травень, червня чер черв червень, липня лип липень, серпня сер серп серпень, "
    "вересня вер верес вересень, жовтня жов жовт жовтень, листопада лис лист листопад, грудня гру груд "
    "грудень",
    "be": "студзеня сту студзень, лютага лют люты, сакавіка сак сакавік, красавіка кра красавік, мая май "
    "травеня, "
    "чэрвеня чэр чэрвень, ліпеня ліп ліпень, жніўня жні жнівень, верасня вер верасень, "
    "кастрычніка кас кастрычнік, лістапада ліс лістапад, снежня сне снежань",
    "pl": "stycznia sty styczeń, lutego lut luty, marca mar marzec, kwietnia kwi kwiecień, maja maj, "
    "czerwca cze czerwiec, lipca lip lipiec, sierpnia sie sierpień, września wrz wrzesień, "
    "października paź październik, listopada lis listopad, grudnia gru grudzień",
    "cs": "ledna led leden, února úno únor, března bře březen, dubna dub duben, května kvě květen, "
    "června čvn červen, července čvc červenec, srpna srp srpen, září zář, října říj říjen, "
    "listopadu lis listopad, prosince pro prosinec",
    "sk": "januára jan január, februára feb február, marca mar marec, apríla apr apríl, mája máj, júna "
    "jún, "
    "júla júl, augusta aug august, septembra sep sept september, októbra okt október, novembra nov "
    "november, "
    "decembra dec december",
    "sl": "januar januarja jan, februar februarja feb, marec marca mar, april aprila apr, maj maja, "
    "junij junija jun, julij julija jul, avgust avgusta avg, september septembra sep, oktober oktobra okt, "
    "november novembra nov, december decembra dec",
    "hr": "siječnja sij siječanj, veljače velj vel veljača, ožujka ožu ožujak, travnja tra travanj, "
    "svibnja svi svibanj, lipnja lip lipanj, srpnja srp srpanj, kolovoza kol kolovoz, rujna ruj rujan, "
    "listopada lis listopad, studenoga studenog stu studeni, prosinca pro prosinac",
    "sr": "januar januara jan јануар јануара јан, februar februara feb фебруар фебруара феб, "
    "mart marta mar март марта мар, april aprila apr април априла апр, maj maja мај маја, "
    "jun juna jun јун јуна, jul jula јул јула, avgust avgusta avg август августа авг, "
    "septembar septembra sep септембар септембра сеп, oktobar oktobra okt октобар октобра окт, "
    "novembar novembra nov новембар новембра нов, decembar decembra dec децембар децембра дец",
    "bs": "januar januara jan, februar februara feb, mart marta mar, april aprila apr, maj maja, juni juna "
    "jun, "
    "juli jula jul, august augusta aug, septembar septembra sep, oktobar oktobra okt, novembar novembra "
    "nov, "
    "decembar decembra dec",
    "mk": "јануари јан, февруари фев, март мар, април апр, мај, јуни јун, јули јул, август авг, "
    "септември сеп септ, октомври окт, ноември ное, декември дек",
    "bg": "януари яну ян, февруари фев, март мар, април апр, май, юни, юли, август авг, септември сеп "
    "септ, "
    "октомври окт, ноември ное, декември дек",
    "sv": "januari jan, februari feb, mars mar, april apr, maj, juni jun, juli jul, augusti aug, "
    "september sep sept, oktober okt, november nov, december dec",
    "no": "januar jan, februar feb, mars mar, april apr, mai, juni jun, juli jul, august aug, "
    "september sep sept, oktober okt, november nov, desember des",
    "da": "januar jan, februar feb, marts mar, april apr, maj, juni jun, juli jul, august aug, "
    "september sep sept, oktober okt, november nov, december dec",
    "fi": "tammikuuta tammi tammikuu, helmikuuta helmi helmikuu, maaliskuuta maalis maaliskuu, "
    "huhtikuuta huhti huhtikuu, toukokuuta touko toukokuu, kesäkuuta kesä kesäkuu, heinäkuuta heinä "
    "heinäkuu, "
    "elokuuta elo elokuu, syyskuuta syys syyskuu, lokakuuta loka lokakuu, marraskuuta marras marraskuu, "
    "joulukuuta joulu joulukuu",
    "is": "janúar jan, febrúar feb, mars mar, apríl apr, maí, júní jún, júlí júl, ágúst ágú, september sep "
    "sept, "
    "október okt, nóvember nóv, desember des",
    "et": "jaanuar jaan, veebruar veebr, märts, aprill apr, mai, juuni, juuli, august aug, september sept, "
    "oktoober okt, november nov, detsember dets",
    "lv": "janvāris janvārī janv, februāris februārī febr, marts martā, aprīlis aprīlī apr, maijs maijā, "
    "jūnijs jūnijā jūn, jūlijs jūlijā jūl, augusts augustā aug, septembris septembrī sept, "
    "oktobris oktobrī okt, novembris novembrī nov, decembris decembrī dec",
    "lt": "sausio saus sausis, vasario vas vasaris, kovo kov kovas, balandžio bal balandis, gegužės geg "
    "gegužė, "
    "birželio birž birželis, liepos liep liepa, rugpjūčio rugp rugpjūtis, rugsėjo rugs rugsėjis, "
    "spalio spal spalis, lapkričio lapkr lapkritis, gruodžio gruod gruodis",
    "hu": "január jan januári, február febr feb, március márc már, április ápr, május máj, június jún, júl "
    "július, "
    "augusztus aug, szeptember szept, október okt, november nov, december dec",
    "ro": "ianuarie ian, februarie feb, martie mar mart, aprilie apr, mai, iunie iun, iulie iul, august "
    "aug, "
    "septembrie sept sep, octombrie oct, noiembrie nov noi, decembrie dec",
    "tr": "ocak oca, şubat şub, mart mar, nisan nis, mayıs may, haziran haz, temmuz tem, ağustos ağu, "
    "eylül eyl, "
    "ekim eki, kasım kas, aralık ara",
    "az": "yanvar yan, fevral fev, mart mar, aprel apr, may, iyun iyn, iyul iyl, avqust avq, sentyabr sen, "
    "oktyabr okt, noyabr noy, dekabr dek",
    "el": "ιανουαρίου ιαν ιανουάριος, φεβρουαρίου φεβ φεβρουάριος, μαρτίου μαρ μάρτιος, απριλίου απρ "
    "απρίλιος, "
    "μαΐου μαΐ μάιος μάι, ιουνίου ιουν ιούνιος, ιουλίου ιουλ ιούλιος, αυγούστου αυγ αύγουστος, "
    "σεπτεμβρίου σεπ σεπτ σεπτέμβριος, οκτωβρίου οκτ οκτώβριος, νοεμβρίου νοε νοέμβριος, "
    "δεκεμβρίου δεκ δεκέμβριος",
    "ar": "يناير كانون_الثاني جانفي, فبراير شباط فيفري, مارس آذار, أبريل إبريل نيسان أفريل, مايو أيار ماي, "
    "يونيو يونيه حزيران جوان, يوليو يوليه تموز جويلية يوليوز, أغسطس آب أوت غشت, سبتمبر أيلول شتنبر, "
    "أكتوبر تشرين_الأول, نوفمبر تشرين_الثاني نونبر, ديسمبر كانون_الأول دجنبر",
    "fa": "ژانویه, فوریه, مارس, آوریل, مه می, ژوئن جون, ژوئیه جولای, اوت آگوست, سپتامبر, اکتبر, نوامبر, "
    "دسامبر",
    "he": "ינואר ינו, פברואר פבר, מרץ מרס, אפריל אפר, מאי, יוני, יולי, אוגוסט אוג, ספטמבר ספט, "
    "אוקטובר אוק, נובמבר נוב, דצמבר דצמ",
    "hi": "जनवरी जन, फरवरी फर, मार्च, अप्रैल, मई, जून, जुलाई जुल, अगस्त अग, सितंबर सितम्बर सित, "
    "अक्टूबर अक्तूबर अक्टू, नवंबर नवम्बर नव, दिसंबर दिसम्बर दिस",
    "bn": "জানুয়ারি জানুয়ারী, ফেব্রুয়ারি ফেব্রুয়ারী, মার্চ, এপ্রিল, মে, জুন, জুলাই, আগস্ট অগস্ট আগষ্ট, "
    "সেপ্টেম্বর, অক্টোবর, নভেম্বর, ডিসেম্বর",
    "ur": "جنوری, فروری, مارچ, اپریل, مئی, جون, جولائی, اگست, ستمبر, اکتوبر, نومبر, دسمبر",
    "ta": "ஜனவரி ஜன, பிப்ரவரி பிப், மார்ச், ஏப்ரல் ஏப், மே, ஜூன், ஜூலை, ஆகஸ்ட் ஆக, செப்டம்பர் செப், "
    "அக்டோபர் அக், "
    "நவம்பர் நவ, டிசம்பர் டிச",
    "te": "జనవరి, ఫిబ్రవరి, మార్చి, ఏప్రిల్, మే, జూన్, జులై జూలై, ఆగస్టు, సెప్టెంబర్, అక్టోబర్, నవంబర్, డిసెంబర్",
    "ml": "ജനുവരി, ഫെബ്രുവരി, മാർച്ച്, ഏപ്രിൽ, മേയ്, ജൂൺ, ജൂലൈ, ഓഗസ്റ്റ്, സെപ്റ്റംബർ, ഒക്ടോബർ, നവംബർ, ഡിസംബർ",
    "mr": "जानेवारी, फेब्रुवारी, मार्च, एप्रिल, मे, जून, जुलै, ऑगस्ट, सप्टेंबर, ऑक्टोबर, नोव्हेंबर, डिसेंबर",
    "gu": "જાન્યુઆરી, ફેબ્રુઆરી, માર્ચ, એપ્રિલ, મે, જૂન, જુલાઈ, ઑગસ્ટ ઓગસ્ટ, સપ્ટેમ્બર, ઑક્ટોબર ઓક્ટોબર, નવેમ્બર, ડિસેમ્બર",
    "th": "มกราคม ม.ค, กุมภาพันธ์ ก.พ, มีนาคม มี.ค, เมษายน เม.ย, พฤษภาคม พ.ค, มิถุนายน มิ.ย, กรกฎาคม ก.ค, "
    "สิงหาคม ส.ค, กันยายน ก.ย, ตุลาคม ต.ค, พฤศจิกายน พ.ย, ธันวาคม ธ.ค",
    "id": "januari jan, februari feb pebruari, maret mar, april apr, mei, juni jun, juli jul, "
    "agustus agu agt ags agust, september sep sept, oktober okt, november nov nop, desember des",
    "ms": "januari jan, februari feb, mac, april apr, mei, jun, julai jul, ogos ogo, september sep, "
    "oktober okt, "
    "november nov, disember dis",
    "fil": "enero ene, pebrero peb, marso mar, abril abr, mayo may, hunyo hun, hulyo hul, agosto ago, "
    "setyembre set, oktubre okt, nobyembre nob, disyembre dis",
    "sw": "januari jan, februari feb, machi mac, aprili apr, mei, juni jun, julai jul, agosti ago, "
    "septemba sep, "
    "oktoba okt, novemba nov, desemba des",
    "ca": "gener gen, febrer febr feb, març, abril abr, maig, juny, juliol jul, agost ag, setembre set, "
    "octubre oct, novembre nov, desembre des",
    "gl": "xaneiro xan, febreiro feb, marzo mar, abril abr, maio, xuño, xullo, agosto ago, setembro set, "
    "outubro out, novembro nov, decembro dec",
    "eu": "urtarrila urtarrilaren urt, otsaila otsailaren ots, martxoa martxoaren, apirila apirilaren api, "
    "maiatza maiatzaren, ekaina ekainaren eka, uztaila uztailaren uzt, abuztua abuztuaren abu, "
    "iraila irailaren ira, urria urriaren urr, azaroa azaroaren aza, abendua abenduaren abe",
    "sq": "janar jan, shkurt shk, mars, prill pri, maj, qershor qer, korrik korr, gusht gush, shtator sht, "
    "tetor tet, nëntor nën, dhjetor dhj",
    "ka": "იანვარი იანვრის იან, თებერვალი თებერვლის თებ, მარტი მარტის მარ, აპრილი აპრილის აპრ, მაისი "
    "მაისის მაი, "
    "ივნისი ივნისის ივნ, ივლისი ივლისის ივლ, აგვისტო აგვისტოს აგვ, სექტემბერი სექტემბრის სექ, "
    "ოქტომბერი ოქტომბრის ოქტ, ნოემბერი ნოემბრის ნოე, დეკემბერი დეკემბრის დეკ",
    "hy": "հունվարի հունվար հնվ, փետրվարի փետրվար փտվ, մարտի մարտ մրտ, ապրիլի ապրիլ ապր, մայիսի մայիս մյս, "
    "հունիսի հունիս հնս, հուլիսի հուլիս հլս, օգոստոսի օգոստոս օգս, սեպտեմբերի սեպտեմբեր սեպ, "
    "հոկտեմբերի հոկտեմբեր հոկ, նոյեմբերի նոյեմբեր նոյ, դեկտեմբերի դեկտեմբեր դեկ",
    "kk": "қаңтар қаң, ақпан ақп, наурыз нау, сәуір сәу, мамыр мам, маусым мау, шілде шіл, тамыз там, "
    "қыркүйек қыр, қазан қаз, қараша қар, желтоқсан жел",
    "uz": "yanvar yan, fevral fev, mart mar, aprel apr, may, iyun, iyul, avgust avg, sentyabr sentabr sen, "
    "oktyabr oktabr okt, noyabr noy, dekabr dek",
    "lb": "januar, februar, mäerz, abrëll, mee, juni, juli, august, september, oktober, november, dezember",
    "af": "januarie jan, februarie feb, maart mrt, april apr, mei, junie jun, julie jul, augustus aug, "
    "september sep, oktober okt, november nov, desember des",
    "cy": "ionawr, chwefror, mawrth, ebrill, mai, mehefin, gorffennaf, awst, medi, hydref, tachwedd, rhagfyr",
    "ga": "eanáir, feabhra, márta, aibreán, bealtaine, meitheamh, iúil, lúnasa, mfómh, dfómh, samhain, "
    "nollaig",
}

# Solar Hijri (Jalali) months, as Iranian sites print them.
JALALI_MONTHS = "فروردین, اردیبهشت, خرداد, تیر, مرداد, شهریور, مهر, آبان, آذر, دی, بهمن, اسفند"

_SAME_LETTER = str.maketrans(
    # Arabic and Persian keyboards write the same letter with different code points, or drop the hamza.
    {"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ʼ": "'", "’": "'"}
    # Nuktas are often left out; soft hyphen, joiners, Turkish dotted i leave marks inside a word.
    | dict.fromkeys(map(chr, (0x93C, 0x9BC, 0xAD, 0x200B, 0x200C, 0x200D, 0x307, 0x64B, 0x651, 0x5F3)), None)
)


def plain_word(word: str) -> str:
    """A word as the tables hold it: folded, composed, without marks that writers leave out."""
    return unicodedata.normalize("NFC", word).casefold().translate(_SAME_LETTER)


def without_accents(word: str) -> str:
    """The same word as a keyboard without accents writes it: "fevrier", "Marz"."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not "\u0300" <= part <= "\u036f")


def _forms(names: str) -> list[tuple[str, int]]:
    """(form, month) of one language's line."""
    groups = names.split(",")
    return [
        (plain_word(form).replace("_", " "), month)
        for month, group in enumerate(groups, 1)
        for form in group.split()
    ]


def month_table() -> dict[str, dict[str, int]]:
    """Each form with the month that it means in each language that has it."""
    table: dict[str, dict[str, int]] = {}
    for language, names in MONTH_NAMES.items():
        for form, month in _forms(names):
            table.setdefault(form, {}).setdefault(language, month)
            if language == "he":  # "in January" is one word
                table.setdefault("ב" + form, {}).setdefault(language, month)
    for form, meanings in list(table.items()):
        bare = without_accents(form)
        if bare not in table and (bare.isascii() or "α" <= bare[0] <= "ω"):
            table[bare] = meanings
    return table


def jalali_table() -> dict[str, int]:
    """Solar Hijri month names with their number."""
    return dict(_forms(JALALI_MONTHS))
