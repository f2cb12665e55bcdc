"""The words by which furniture lines of an article's text are known, in many languages.

Patterns for whole lines; each is matched against one line of text, case ignored.
"""

import re

# "Read more: ...", "Lesen Sie auch", "Читайте также": points to another article.
_ALSO_READ = """
(?:also\\s+)?read\\s+(?:more|also|next|further|this|it|the\\s+full\\s+(?:story|article))|read\\s*:|also\\s+(?:read|on|see|in\\s+the\\s+news)|
(?:see|watch|listen)\\s+(?:also|more|this|next|now)|watch\\s*:|more\\s+(?:from|on\\s+this|on:|in|stories|coverage|news|about)|related(?:\\s+(?:articles?|stories|story|content|posts?|news|topics?|coverage|links?|reading|video))?|
recommended(?:\\s+(?:for\\s+you|stories|articles|reading))?|you\\s+(?:might|may)\\s+(?:also\\s+)?(?:like|be\\s+interested)|(?:also\\s+)?in\\s+this\\s+section|news\\s+of\\s+the\\s+day|(?:other|latest|previous)\\s+news|don'?t\\s+miss|must\\s+read|trending|most\\s+(?:read|popular|viewed)|popular\\s+(?:now|stories)|editor'?s?\\s+picks?|top\\s+stories|up\\s+next|in\\s+(?:other|related)\\s+news|click\\s+here|explore\\s+(?:further|more)|further\\s+reading|what\\s+to\\s+read\\s+next|
lesen\\s+sie\\s+(?:auch|hier|mehr|dazu|weiter)|lies\\s+(?:auch|mehr|hier|dazu)|mehr\\s+(?:zum\\s+thema|dazu|lesen|aus|von|news|hier|zu)|auch\\s+(?:interessant|lesenswert|spannend)|das\\s+könnte\\s+(?:sie|dich)|zum\\s+thema|weiterlesen|weitere\\s+(?:artikel|themen|nachrichten|infos?|informationen|meldungen|beiträge|texte)|passend\\s+dazu|meistgelesen|meist\\s+gelesen|lesetipps?|empfehlung(?:en)?\\s+der\\s+redaktion|hier\\s+(?:geht\\s+es|lesen|finden\\s+sie)|siehe\\s+auch|(?:>+|→|»|►|▶)\\s*\\S.{0,140}|
lire\\s+(?:aussi|plus|la\\s+suite|également)|à\\s+lire(?:\\s+aussi)?|a\\s+lire|voir\\s+aussi|sur\\s+le\\s+même\\s+(?:sujet|thème)|à\\s+voir|les\\s+plus\\s+lus|articles?\\s+(?:liés|similaires|connexes)|pour\\s+aller\\s+plus\\s+loin|
le[aeé]\\s+(?:también|tambien|además|más)|leer\\s+(?:más|también)|lee\\s+(?:también|más)|ver\\s+(?:también|más)|te\\s+puede\\s+interesar|(?:le|te)\\s+(?:puede|podría)\\s+interesar|también\\s+(?:te|le|puedes?)|más\\s+(?:información|noticias|sobre)|noticias?\\s+relacionad[ao]s?|artículos?\\s+relacionados?|relacionad[ao]s?|lo\\s+más\\s+(?:leído|visto)|mira\\s+también|
leia\\s+(?:também|mais)|veja\\s+(?:também|mais)|saiba\\s+mais|confira\\s+também|mais\\s+(?:lidas|sobre|notícias)|
leggi\\s+(?:anche|tutto|di\\s+più)|(?:\\()?\\s*leggi\\s+anche|vedi\\s+anche|guarda\\s+anche|approfondi(?:menti|sci)|ti\\s+potrebbe|potrebbe\\s+interessarti|articoli\\s+correlati|i\\s+più\\s+letti|
lees\\s+(?:ook|meer|verder)|bekijk\\s+ook|meer\\s+(?:over|nieuws|lezen)|zie\\s+ook|gerelateerd|
les\\s+(?:også|mer|saken|videre)|se\\s+også|relaterte|mest\\s+lest|anbefalt|læs\\s+(?:også|mere)|læs\\s+mere|läs\\s+(?:också|mer|även)|se\\s+även|mer\\s+om|mest\\s+läst|relaterat|lue\\s+(?:myös|lisää)|katso\\s+myös|
czytaj\\s+(?:także|też|więcej|również|dalej)|(?:zobacz|przeczytaj|sprawdź)\\s+(?:także|też|również|więcej)|polecamy|więcej\\s+(?:na\\s+temat|informacji)|powiązane|
čtěte\\s+(?:také|více|též)|přečtěte\\s+si|mohlo\\s+by\\s+vás|související|prečítajte\\s+si|čítajte\\s+(?:aj|viac)|súvisiace|olvassa?\\s+(?:el|tovább)|kapcsolódó|citește\\s+și|citeşte\\s+şi|vezi\\s+și|pročitajte|povezano|preberite|прочетете|вижте\\s+(?:също|още)|διαβάστε\\s+(?:επίσης|ακόμη|ακόμα)|δείτε\\s+(?:επίσης|ακόμη)|
читайте\\s+(?:также|ещё|еще|нас|далее|подробнее)|читать\\s+(?:также|далее|ещё)|смотрите\\s+также|ранее\\s+по\\s+теме|по\\s+теме|материалы\\s+по\\s+теме|подробнее|другие\\s+новости|новости\\s+по\\s+теме|читайте\\s+також|дивіться\\s+також|
(?:bunu\\s+da\\s+oku|ayrıca\\s+oku|ilgili\\s+haber|i̇lgili)|baca\\s+(?:juga|selengkapnya)|simak\\s+juga|lihat\\s+juga|xem\\s+thêm|đọc\\s+thêm|soma\\s+(?:zaidi|pia)|
اقرأ\\s+(?:أيضا|ايضا|أيضًا|المزيد)|إقرأ|اقرأ|مواضيع\\s+ذات\\s+صلة|ذات\\s+صلة|شاهد\\s+(?:أيضا|ايضا)|بیشتر\\s+بخوانید|קראו\\s+(?:גם|עוד)|
関連(?:記事|ニュース|キーワード|リンク|トピック|情報)?|おすすめ(?:情報|記事)?|あわせて読みたい|こちらも|相关(?:阅读|新闻|报道|链接)?|相關(?:閱讀|新聞)?|延伸閱讀|推荐阅读|更多(?:新闻|报道)?|관련\\s*(?:기사|뉴스)|यह\\s+भी\\s+पढ़ें|ये\\s+भी\\s+पढ़ें|আরও\\s+পড়ুন
"""

# The label of the readers' comments, and what invites to write one.
_COMMENTS = """
комментари\\w+\\s+(?:пока\\s+)?нет|нет\\s+комментари\\w+|ваши?\\s+комментари\\w+|ваш\\s+коментар|your\\s+comments?|add\\s+new\\s+comment|tu\\s+comentario|votre\\s+commentaire|(?:discuss|talk)\\s+(?:on|in|about)\\s+.{0,30}|no\\s+replies|\\d+\\s+replies|komentarze?\\s*\\(\\d+\\)|коментар\\w*\\s*\\(\\d+\\)|\\d+\\s+(?:komentarz\\w*|коментар\\w*|yorum)|
comments?|\\d+\\s+comments?|comments?\\s*[(:]?\\s*\\d*\\)?|(?:view|show|read|see|post|add|leave|write)\\s+(?:all\\s+|a\\s+|your\\s+)?(?:comments?|reply)|(?:no|0)\\s+comments?(?:\\s+yet)?|be\\s+the\\s+first\\s+to\\s+comment.{0,40}|join\\s+the\\s+(?:conversation|discussion|debate).{0,60}|comments?\\s+(?:are\\s+)?(?:closed|disabled|off).{0,60}|leave\\s+a\\s+(?:reply|comment|response).{0,40}|what\\s+do\\s+you\\s+think\\??.{0,60}|have\\s+your\\s+say.{0,60}|would\\s+you\\s+like\\s+to\\s+comment.{0,60}|discussion|discuss|
kommentare?|\\d+\\s+kommentare?|kommentare?\\s*[(:]?\\s*\\d*\\)?|kommentieren|kommentar\\s+(?:schreiben|verfassen|hinterlassen).{0,30}|schreiben?\\s+sie\\s+(?:den\\s+ersten\\s+|einen\\s+)?kommentar.{0,40}|jetzt\\s+kommentieren|diskutieren\\s+sie\\s+mit.{0,40}|kommentarer?|kommentera.{0,30}|skriv\\s+(?:en\\s+)?kommentar.{0,20}|
commentaires?|\\d+\\s+commentaires?|commenter.{0,40}|laisser\\s+un\\s+commentaire.{0,30}|réagir|réactions?|ajouter\\s+un\\s+commentaire|
comentarios?|\\d+\\s+comentarios?|comentar|deja\\s+(?:un|tu)\\s+comentario.{0,30}|añadir\\s+comentario.{0,20}|comentários?|\\d+\\s+comentários?|deixe\\s+(?:um|seu)\\s+comentário.{0,30}|
commenti|commento|\\d+\\s+commenti|lascia\\s+un\\s+commento.{0,30}|commenta.{0,20}|reacties|\\d+\\s+reacties|reageer.{0,20}|plaats\\s+(?:een\\s+)?reactie.{0,20}|
komentarze|komentarz|dodaj\\s+komentarz.{0,20}|skomentuj.{0,20}|komentáře|komentář|diskuse|diskusia|komentáre|komentari|komentar|hozzászólások|kommentek|comentarii|kommentit|kommentoi|σχόλια|коментари|коментарі|коментарите|
комментари[ий]|комментарии\\s*[(:]?\\s*\\d*\\)?|\\d+\\s+комментари\\w+|комментировать|оставить\\s+комментарий.{0,20}|добавить\\s+комментарий.{0,20}|обсудить.{0,30}|обсуждение|
yorumlar|yorum\\s+yap.{0,20}|yorum|komentar|tulis\\s+komentar|bình\\s+luận|ý\\s+kiến|maoni|
التعليقات|تعليقات|تعليق|أضف\\s+تعليق.{0,20}|اترك\\s+تعليق.{0,20}|نظرات|דעות|תגובות|हिंदी\\s+में\\s+टिप्पणी|टिप्पणियाँ|टिप्पणी|মন্তব্য|
コメント(?:する|を書く|一覧)?|评论|評論|我要评论|留言|댓글|댓글\\s*\\d*
"""

_SHARE = """
(?:print(?:able)?|printer)[\\s-]+(?:friendly\\s+)?(?:version|page)|(?:send|e-?mail|tell)\\s+(?:it\\s+|this\\s+)?(?:to\\s+)?(?:a|your)?\\s*friends?|bookmark\\s+and\\s+share|likes?\\s+\\d+|vk|vkontakte|ok\\.ru|odnoklassniki|viber|livejournal|digg|delicious|druckversion|drucken|imprimir|imprimer|stampa|drukuj|tisk|tulosta|afdrukken|yazdır|рассказать\\s+друзьям|отправить\\s+(?:другу|на\\s+e-?mail).{0,20}|в\\s+закладки|печать|друкувати|версія\\s+для\\s+друку|
share|share\\s+(?:this|on|via|article|story|with|now|options|it|full\\s+article|comments).{0,60}|(?:like|enjoyed?)\\s+this\\s+(?:story|article|post).{0,60}|tweet|tweet\\s+this|facebook|twitter|whatsapp|telegram|linkedin|instagram|pinterest|reddit|e-?mail|print|print\\s+this.{0,20}|copy\\s+link|link\\s+copied.{0,20}|save|save\\s+(?:article|this).{0,20}|bookmark|follow|follow\\s+(?:us|me|@).{0,100}|follow\\s+.{1,50}\\s+on\\s+(?:facebook|twitter|x|instagram|telegram|youtube|tiktok|whatsapp|google).{0,60}|
teilen|teilen\\s+(?:auf|via|mit|sie).{0,40}|artikel\\s+(?:teilen|drucken|merken|versenden).{0,20}|merken|drucken|folgen\\s+sie\\s+uns.{0,60}|folgst\\s+du.{0,60}|
partager(?:\\s+.{0,40})?|compartir(?:\\s+.{0,40})?|compartilhar(?:\\s+.{0,40})?|compartilhe.{0,40}|comparte.{0,40}|condividi(?:\\s+.{0,40})?|delen|deel\\s+(?:dit|op|via).{0,30}|del|del\\s+(?:på|artikkelen|saken|artikel).{0,30}|dela|dela\\s+(?:på|artikeln).{0,30}|udostępnij.{0,30}|podziel\\s+się.{0,30}|sdílet.{0,30}|zdieľať.{0,20}|megosztás.{0,20}|distribuie.{0,20}|podijeli.{0,20}|jaa|κοινοποίηση.{0,20}|
поделиться.{0,40}|поделитесь.{0,40}|поділитися.{0,30}|распечатать|версия\\s+для\\s+печати|подписывайтесь.{0,100}|подпишитесь.{0,100}|paylaş.{0,20}|bagikan.{0,20}|chia\\s+sẻ.{0,20}|shiriki|
شارك.{0,30}|مشاركة.{0,30}|اشترك.{0,40}|シェア(?:する)?|ツイート|印刷|分享(?:到|至)?.{0,20}|공유(?:하기)?
"""

_NOTICE = """
(?:views?|hits?|reads?|просмотр\\w*|переглядів|visitas|aufrufe|lecturas)\\s*:?\\s*\\d[\\d\\s.,]*|\\d[\\d\\s.,]*\\s*(?:views?|hits?|просмотр\\w*)|👁\\s*\\d+|(?:rating|rate|votes?|рейтинг|оценк\\w+)\\s*:\\s*[\\d.,/]+.{0,40}|(?:if\\s+you\\s+)?(?:have\\s+)?(?:notice[d]?|found|find|spot(?:ted)?|see)\\s+(?:an?\\s+|any\\s+)?(?:error|typo|mistake|misprint|inaccuracy).{0,100}|posted\\s+in\\s+.{0,80}|[←«<]?\\s*(?:previous|next|prev)\\s+(?:news|article|post|story|page|item)(?:\\s*[:→»>|&«←].{0,80})?|back\\s+to\\s+(?:the\\s+)?(?:list|news|section|main|home).{0,30}|(?:предыдущ|следующ)\\w+\\s+(?:новост|стать|материал)\\w*(?:\\s*[:→»>|&«←].{0,80})?|(?:назад\\s+)?к\\s+списку.{0,20}|все\\s+новости(?:\\s+раздела.{0,30})?|all\\s+(?:the\\s+)?news|
(?:©|\\(c\\)|copyright|all\\s+rights\\s+reserved|alle\\s+rechte\\s+vorbehalten|tous\\s+droits\\s+réservés|todos\\s+los\\s+derechos|tutti\\s+i\\s+diritti|todos\\s+os\\s+direitos|wszelkie\\s+prawa|все\\s+права\\s+защищены|無断(?:転載|複製)|版权所有|版權所有|جميع\\s+الحقوق).{0,200}|
(?:sign\\s+up|subscribe|register|log\\s*in|sign\\s+in)\\b.{0,160}|(?:get|receive)\\s+(?:the\\s+)?(?:latest|our|all|breaking|more|daily|top|unlimited).{0,140}|(?:our|daily|weekly|the|free)\\s+newsletters?.{0,60}|newsletters?|click\\s+here\\s+to\\s+(?:subscribe|sign|join|read|donate).{0,100}|already\\s+(?:a\\s+(?:subscriber|member)|subscribed|have\\s+an\\s+account).{0,80}|to\\s+(?:continue|keep)\\s+reading.{0,120}|this\\s+(?:article|content|story)\\s+is\\s+(?:for|only\\s+available|available|exclusive|reserved).{0,120}|(?:become|be)\\s+a\\s+(?:member|subscriber|supporter).{0,100}|support\\s+(?:us|our|independent|quality|free).{0,120}|thank\\s+you\\s+for\\s+(?:reading|your\\s+support|signing\\s+up|subscribing).{0,120}|(?:please\\s+)?(?:read|see)\\s+our\\s+(?:comment|privacy|commenting|community).{0,100}|your\\s+email\\s+address\\s+will\\s+not.{0,80}|by\\s+signing\\s+up.{0,200}|download\\s+(?:our|the)\\s+.{0,20}app.{0,80}|(?:have|got)\\s+(?:a\\s+)?(?:news\\s+)?(?:tip|story|correction|something\\s+to\\s+say).{0,120}|do\\s+you\\s+(?:have|know)\\s+.{0,20}(?:tip|story|more).{0,120}|(?:i'?m|we'?re)\\s+already.{0,40}|advertisement|advertising|ad|sponsored(?:\\s+content)?|article\\s+continues\\s+(?:below|after).{0,60}|story\\s+continues\\s+(?:below|after).{0,60}|continue\\s+reading(?:\\s+.{0,60})?|article\\s+content|loading\\.{0,3}|(?:scroll|swipe)\\s+(?:down|left|right|to).{0,60}|play(?:\\s+video)?|video|watch\\s+(?:the\\s+)?video.{0,40}|(?:listen|audio)(?:\\s+to\\s+(?:this|the)\\s+(?:article|story|podcast))?.{0,40}|\\d+\\s+min(?:ute)?s?\\s+read|reading\\s+time.{0,20}|tags?\\s*:?|tags?\\s*:.{0,200}|topics?\\s*:.{0,200}|topics?|filed\\s+under.{0,100}|categor(?:y|ies)\\s*:.{0,100}|keywords?\\s*:.{0,200}|(?:report|spotted|see)\\s+(?:an?\\s+)?(?:error|typo|mistake).{0,80}|back\\s+to\\s+top|top|skip\\s+to\\s+(?:main\\s+)?content|skip\\s+advertisement|(?:hide|show)\\s+caption|toggle\\s+caption|view\\s+(?:gallery|image|photos?).{0,30}|enlarge(?:\\s+(?:this\\s+)?image)?|photo\\s+gallery|image\\s+\\d+\\s+of\\s+\\d+|
anzeige|werbung|newsletter\\s+(?:abonnieren|bestellen).{0,80}|(?:jetzt\\s+)?(?:abonnieren|anmelden|registrieren).{0,100}|zur\\s+(?:startseite|übersicht).{0,30}|zurück(?:\\s+zur?.{0,30})?|nach\\s+oben|(?:melden|registrieren)\\s+sie\\s+sich.{0,100}|artikel\\s+(?:anhören|vorlesen).{0,30}|lesedauer.{0,20}|schlagworte?\\s*:?.{0,150}|themen\\s*:.{0,150}|stichworte?\\s*:.{0,150}|quiz\\s+.{0,40}|fehler\\s+(?:gefunden|melden).{0,80}|haben\\s+sie\\s+(?:einen\\s+)?fehler.{0,80}|ihre\\s+meinung\\s+ist\\s+uns\\s+wichtig.{0,160}|wir\\s+freuen\\s+uns\\s+über.{0,120}|aktuelle\\s+nachrichten\\s+aufs\\s+handy.{0,160}|hauptinhalt|inhalt|bild\\s+\\d+\\s+von\\s+\\d+|
publicité|publicidade?|pubblicità|publicidad|reklama|annonse?|annons|mainos|reklám|реклама|i̇lan|广告|廣告|広告|pr|광고|إعلان|advertentie|anuncio|s'abonner.{0,80}|inscrivez-vous.{0,100}|abonnez-vous.{0,100}|temps\\s+de\\s+lecture.{0,20}|suscr[ií]bete.{0,100}|suscribirse.{0,60}|recibe\\s+(?:las|los|nuestr).{0,100}|iscriviti.{0,100}|abbonati.{0,80}|assine.{0,80}|inscreva-se.{0,80}|tópicos\\s*:.{0,100}|etiquetas\\s*:.{0,100}|temas\\s*:.{0,100}|meld\\s+je\\s+aan.{0,80}|abonneer.{0,80}|teraz\\s+czytane|zapisz\\s+się.{0,80}|tagi\\s*:.{0,100}|článek|
(?:если\\s+вы\\s+)?(?:нашли|заметили|увидели)\\s+(?:ошибку|опечатку).{0,140}|выделите\\s+(?:её|ее|фрагмент|ошибку).{0,100}|теги?\\s*:.{0,200}|(?:подписаться|подпишись).{0,100}|фото(?:галерея)?|видео|
この記事は(?:会員|有料)限定.{0,60}|会員(?:限定|登録).{0,60}|(?:ログイン|無料会員登録|有料会員).{0,60}|紙の新聞の.{0,80}|カテゴリーをフォローする|続きを読む.{0,40}|記事の続き.{0,60}|.{0,30}読み放題.{0,20}|.{0,30}メールマガジン.{0,40}|責任编辑.{0,30}|责任编辑.{0,30}|責任編輯.{0,30}|(?:编辑|編輯|记者)[:：].{0,30}
"""

# What stands in the footer of a site; taken only behind the end of a text.
_FOOTER = """
.{0,160}(?:©|\\(c\\)).{0,30}\\b(?:19|20)\\d\\d\\b.{0,120}|(?:editorial\\s+(?:office|board|staff)|адрес\\s+редакции|телефон\\s+редакции|redaktionsanschrift)\\b.{0,160}|.{0,80}\\b(?:licen[cs]e|registration|лицензия|свидетельство\\s+о\\s+регистрации)\\s+.{0,12}(?:no\\.?|№|n°|nr\\.?)\\s.{0,90}|(?:when|if|any)\\s+(?:you\\s+)?(?:using|use|reprint(?:ing)?|cop(?:y|ying)|quot(?:e|ing))\\s.{0,40}(?:materials?|information|content|article|text)\\b.{0,120}|при\\s+(?:использовании|перепечатке|цитировании|копировании)\\s.{0,160}
"""

_CREDIT = """
(?:photo|image|picture|pic|photograph|photos|images|video|graphic|illustration|credit|file\\s+photo|file|cover|screenshot|still)(?:\\s+(?:credit|courtesy|by|source|via|from|illustration))*\\s*[:/].{1,140}|(?:photo|image|picture|photograph|illustration|graphic)\\s+(?:by|courtesy(?:\\s+of)?|credit)\\b.{1,120}|
(?:foto|fotos|bild|bilder|bildquelle|bildnachweis|symbolbild|symbolfoto|archivbild|grafik|quelle\\s+bild|titelbild|video|fotografie|ilustrace|ilustrační\\s+foto|zdjęcie|fot|zdroj)\\s*[.:(/].{1,140}|(?:foto|bild)\\s+(?:von|av|de|di|by)\\b.{1,80}|
(?:crédits?|crédit\\s+photo|photo\\s+d'illustration|légende|fotografía|imagen|imágenes|foto\\s+de\\s+archivo|imagem|crédito|beeld|kuva|valokuva|bilde|billede|illustrasjon|illustration)\\s*[:/].{1,140}|
(?:фото|фотография|иллюстрация|снимок|фото\\s+из\\s+архива|скриншот|изображение|кадр)\\s*[:/©].{0,140}|
(?:写真|画像|イラスト|図|图|圖|图片来源|图片|照片|사진|الصورة|صورة|ảnh|chụp|görsel|fotoğraf)\\s*[:：=＝/].{1,100}|
(?:getty\\s+images|reuters|ap\\s+photo|afp|shutterstock|istock|imago|dpa|epa|picture\\s+alliance|adobe\\s+stock|unsplash|pixabay)(?:\\s*[/,|].{0,60})?
"""


class LinePattern:
    """A pattern of lower-case words, matched against lines in any case.

    The line is lowered instead of the case ignored: only so does the engine skip an alternative by its
    first letter, which makes these long lists five times faster (a line takes 6 µs instead of 35).
    """

    __slots__ = ("_pattern",)

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def match(self, line: str) -> re.Match[str] | None:
        """Match at the line's start, as `re.Pattern.match` does."""
        return self._pattern.match(line.lower())

    def search(self, line: str) -> re.Match[str] | None:
        """Search in the line, as `re.Pattern.search` does."""
        return self._pattern.search(line.lower())


def _whole(words: str) -> LinePattern:
    return LinePattern(r"^[\s\W_]*(?:" + "".join(words.split("\n")) + r")[\s\W_]*$")


ALSO_READ = LinePattern(r"^[\s\W_]*(?:" + "".join(_ALSO_READ.split("\n")) + r")(?!\w)")
COMMENTS = _whole(_COMMENTS)
SHARE = _whole(_SHARE)
NOTICE = _whole(_NOTICE)
FOOTER = _whole(_FOOTER)
CREDIT = _whole(_CREDIT)
# `The whale on Saturday. Photo: Town council`
CAPTION = LinePattern(
    r"(?<=[.)\]|–—,\s])(?:foto|photo|bild|image|imagen|imagem|crédit|credit|фото|ảnh|kuva|beeld|zdjęcie|写真|图)s?"
    r"\s*[:：/©]\s*[^.:]{2,60}\.?$"
)
MAX_CAPTION = 230  # characters
