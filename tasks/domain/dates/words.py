"""The small words of printed dates: weekdays, half-days, clock words, labels, connectors.

Read by `date_tokens`, which gives each word of a text one class letter; the grammar in `date_text`
is written over those letters. Month names have a module of their own, `date_months`.
"""


def words(text: str) -> tuple[str, ...]:
    """The words of a table that is written as text."""
    return tuple(text.split())


# In the order of the languages of `date_months`; only skipped over, so no number.
WEEKDAYS = words("""
    monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun
    montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag sonnabend sa sonntag so lundi lun
    mardi mar mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim lunes martes miércoles mié jueves
    jue viernes vie sábado sáb domingo dom lunedì martedì mercoledì giovedì gio venerdì sabato sab domenica
    segunda seg terça ter quarta qua quinta qui sexta sex feira maandag ma dinsdag woensdag wo donderdag
    vrijdag vr zaterdag za zondag zo понедельник понедельника пн вторник вторника вт среда среды ср четверг
    четверга чт пятница пятницы пт суббота субботы сб воскресенье воскресенья вс понеділок понеділка
    вівторок вівторка середа середи четвер п'ятниця п'ятниці субота суботи неділя неділі нд панядзелак
    аўторак серада чацвер пятніца нядзеля понеделник сряда четвъртък петък събота неделя понедељак уторак
    четвртак петак недеља четврток петок сабота недела poniedziałek poniedziałku pon wtorek środa śr
    czwartek czw piątek sobota sob niedziela niedz nd pondělí po úterý út středa st čtvrtek čt pátek pá
    neděle ne pondelok utorok streda štvrtok piatok nedeľa ponedeljek torek sreda četrtek petek nedelja
    ponedjeljak utorak srijeda četvrtak petak subota nedjelja ponedeljak sub ned čet pet sri uto måndag mån
    tisdag tis onsdag ons torsdag tors tor fredag fre lördag lör söndag sön mandag man tirsdag tirs tir
    lørdag lør søndag søn mánudagur þriðjudagur miðvikudagur fimmtudagur föstudagur laugardagur sunnudagur
    maanantai maanantaina tiistai tiistaina keskiviikko keskiviikkona torstai torstaina perjantai
    perjantaina lauantai lauantaina sunnuntai sunnuntaina ti ke to pe la su esmaspäev teisipäev kolmapäev
    neljapäev reede laupäev pühapäev pirmdiena otrdiena trešdiena ceturtdiena piektdiena sestdiena svētdiena
    pirmadienis antradienis trečiadienis ketvirtadienis penktadienis šeštadienis sekmadienis hétfő kedd
    szerda csütörtök péntek szombat vasárnap luni marți miercuri mie joi vineri vin sâmbătă sâm duminică dum
    pazartesi pzt salı sal çarşamba çar perşembe per cuma cumartesi cmt pazar paz δευτέρα δευ τρίτη τρί τρι
    τετάρτη τετ πέμπτη πέμ πεμ παρασκευή παρ σάββατο σάβ σαβ κυριακή κυρ الاثنين الإثنين الثلاثاء الأربعاء
    الاربعاء الخميس الجمعة السبت الأحد الاحد دوشنبه سهشنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه یک دو سه چهار
    پنج יום שני שלישי רביעי חמישי שישי שבת ראשון ביום پیر منگل بدھ جمعرات ہفتہ اتوار सोमवार सोम मंगलवार मंगल
    बुधवार बुध गुरुवार गुरु शुक्रवार शुक्र शनिवार शनि रविवार रवि সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার
    শনিবার রবিবার วันจันทร์ วันอังคาร วันพุธ วันพฤหัสบดี วันศุกร์ วันเสาร์ วันอาทิตย์ จันทร์ อังคาร พุธ
    พฤหัสบดี ศุกร์ เสาร์ อาทิตย์ thứ hai ba tư sáu bảy chủ nhật cn senin selasa rabu kamis jumat jum'at
    sabtu minggu isnin khamis jumaat ahad jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili
    dilluns dimarts dimecres dijous divendres dissabte diumenge 월요일 화요일 수요일 목요일 금요일 토요일
    일요일
""")

# Half-days after (or, in East Asia, before) the clock: what to add to hours 1..11.
HALF_DAYS = {
    "am": words("""
        am a.m π.μ πμ ص صباحا ق.ظ öö pg dop पूर्वाह्न एएम এএম f.m f.h 오전 午前 上午 凌晨 早上 清晨
    """),
    "pm": words("""
        pm p.m μ.μ μμ م مساء مساءا ب.ظ ös ch ptg odp pop अपराह्न पीएम পিএম ip e.m e.h 오후 午後 下午 傍晚
        晚上 晚间 下昼
    """),
    "noon": words("""
        中午
    """),
}

HOUR_WORDS = words("""
    h hs hrs hr u uhr час часов часа ч год годин ura óra น นาฬิกา giờ uur 時 时 点 點 시
""")

MINUTE_WORDS = words("""
    min mn мин хв phút นาที 分 분
""")

SECOND_WORDS = words("""
    sec сек giây วินาที 秒 초
""")

# Small words between the parts of a date, and before it.
CONNECTORS = words("""
    время time uhrzeit heure orario czas čas saatinde
    of de del do da den der dem d di il lo le l' la el els dels a à as às al los las em en on at the this st
    nd rd th er ère re ème eme e ª º ° um am vom im on's om op de't på d'a i y et und and kl klo klokken
    kello tid alle ore ora ore-le ai hore uur ob o w v ve saat saati saatı pukul pkl jam lúc lu hồi ngày năm
    num dia día del' aos г г. года год р рік року в во о от у роки година години година. гг ч. час. m gada
    metų mėn dienos nap napon in a.d ad ce στις ώρα στο του της في بتاريخ يوم الموافق عام سنة الساعة ساعت
    روز سال مورخ ב בשעה שעה ל ה को पर बजे তারিখ সময় เวลา วันที่ พ.ศ ค.ศ เมื่อ t का at. since per year
""")

# Labels that stand with a date and say first publication.
PUBLISHED_LABELS = words("""
    published publish posted post issued created released release first date dated pub publication online
    veröffentlicht veröffentlichung erstellt erschienen datum stand publiziert publié publiée publie
    parution mis ligne créé posté publicado publicada publicación publicação creado criado pubblicato
    pubblicata pubblicazione data fecha gepubliceerd geplaatst publicatie publicatiedatum опубликовано
    опубликована публикация публикации дата размещено добавлено создано опубліковано додано створено
    публикувано publikováno vydáno publikované zveřejněno opublikowano dodano utworzono objavljeno објављено
    publicerad publicerat publisert publiceret oprettet julkaistu megjelent közzétéve publicat publicată
    postat yayınlanma yayın yayımlanma tarihi tarih giriş eklenme oluşturulma δημοσίευση δημοσιεύτηκε
    δημοσιεύθηκε نشر نشرت النشر تاريخ انتشار تاریخ פורסם תאריך प्रकाशित প্রকাশিত প্রকাশ เผยแพร่ đăng ngày
    diterbitkan terbit diposting tayang 公開 公開日 掲載 掲載日 配信 投稿 投稿日 発表 发布 发布时间 發布
    发表 發表 发表于 時間 时间 日期 入力 등록 입력 입력일 작성 게재 승인 기사입력 기사등록 등록일
""")

# Labels that stand with a date and say a later change.
MODIFIED_LABELS = words("""
    updated update akt upd modified last sidst sist senast siste edited changed revised revision
    reviewed amended aktualisiert
    aktualisierung geändert änderung letzte zuletzt bearbeitet überarbeitet actualisé
    actualisée màj maj modifié modifiée jour dernière actualizado actualizada actualización modificado
    atualizado atualizada atualização modificação aggiornato aggiornata aggiornamento modificato bijgewerkt
    gewijzigd laatst обновлено обновлена обновление изменено изменён правка оновлено змінено обновено
    aktualizováno aktualizace upraveno aktualizované zaktualizowano aktualizacja ažurirano izmjena
    uppdaterad uppdaterat oppdatert opdateret ändrad endret päivitetty muokattu frissítve módosítva
    actualizat actualizare modificat güncelleme güncellendi güncellenme ενημέρωση ενημερώθηκε τροποποίηση
    تحديث آخر التحديث عدل بروزرسانی עודכן עדכון अपडेट अद्यतन আপডেট อัปเดต อัพเดท cập nhật diperbarui
    diperbaharui dikemas kini 更新 更新日 最終 最終更新 修改 编辑 수정 수정일 업데이트 최종 최종수정
    기사수정
""")
