"""The words by which policies state their date, in the languages of the labels.

Each pattern stands directly before the date, or after it where the language puts it there. A firm
cue ("last updated") is believed anywhere; a loose one ("effective", "version") only where it begins
its line or its sentence speaks of the document, because laws and offers are effective, too.
"""

import re

UPDATED_FIRMLY = (
    # English
    r"(?:last )?(?:updated|revised|modified) and effective(?: date)?",
    r"(?:updated|revised|modified|changed) (?:our|this|the) (?:[\w-]{2,12} )?"
    r"(?:policy|notice|statement)",
    r"(?:was |were |is |date )?(?:last|latest|most recently|lastly) "
    r"(?:updated?|revised|revision|modified|modification|changed?|amended|amendment|reviewed|edited)"
    r"(?: date)?",
    r"(?:date of )?(?:the )?(?:last|latest|most recent) (?:update|revision|modification|change)"
    r"(?: of this (?:privacy )?(?:policy|statement|notice))?",
    r"(?:update|revision|modification) date|date (?:updated|revised|modified|last updated)",
    r"date of (?:update|revision|modification)|last up-?dated?",
    # French
    r"(?:date de )?(?:la )?derni[eè]re (?:mise [aà] jour|modification|r[eé]vision|version)",
    r"date de (?:mise [aà] jour|r[eé]vision)|mise? [aà] jour(?: pour la derni[eè]re fois)?",
    r"[aà] jour (?:du|au)",
    r"(?:modifi|actualis|r[eé]vis)[eé]e? pour la derni[eè]re fois",
    # German
    r"(?:zuletzt|letztmals|letztmalig) (?:aktualisiert|ge[aä]ndert|[uü]berarbeitet|bearbeitet)",
    r"letzte[rn]? (?:aktualisierung|[aä]nderung|[uü]berarbeitung|stand|fassung|version)",
    r"(?:datum der )?letzten? (?:aktualisierung|[aä]nderung)|stand(?: der [\w-]{3,30})?",
    # Romance
    r"[uú]ltima (?:actualizaci[oó]n|modificaci[oó]n|revisi[oó]n|versi[oó]n)",
    r"(?:fecha de )?[uú]ltima actualizaci[oó]n|actualizad[oa] (?:por [uú]ltima vez )?(?:el|a|en)",
    r"ultimo aggiornamento|ultima (?:modifica|revisione|versione)",
    r"(?:data di |ultima )aggiornament\w",
    r"aggiornat[oae] (?:al|il|in data)",
    r"[uú]ltima (?:atualiza[cç][aã]o|altera[cç][aã]o|modifica[cç][aã]o|revis[aã]o|vers[aã]o)",
    r"(?:atualizad[oa]|actualizad[oa]) (?:pela [uú]ltima vez )?(?:em|a)|data da [uú]ltima \w{5,15}",
    r"ultima (?:actualizare|modificare|revizuire)|actualizat[aă]? (?:la|pe|[iî]n)",
    r"[uú]ltima (?:actualitzaci[oó]|modificaci[oó])|actualitzat el",
    # Germanic
    r"laatst (?:bijgewerkt|gewijzigd|herzien|aangepast|ge[uü]pdatet)",
    r"laatste (?:update|wijziging|versie|aanpassing)",
    r"senast (?:uppdaterad|[aä]ndrad|reviderad|uppdaterat)\w*|senaste uppdatering(?:en)?",
    r"(?:sidst|senest) (?:opdateret|[aæ]ndret|revideret)|seneste opdatering|sidste opdatering",
    r"(?:sist|senest) (?:oppdatert|endret|revidert)|siste oppdatering",
    # Uralic and Baltic
    r"(?:viimeksi|viimeisin|viimeinen) p[aä]ivit(?:etty|ys)|p[aä]ivitetty(?: viimeksi)?",
    r"viimati (?:uuendatud|muudetud)|viimane (?:uuendus|muudatus)|uuendatud",
    r"(?:utols[oó]|legutols[oó]|legut[oó]bbi) (?:friss[ií]t[eé]s|m[oó]dos[ií]t[aá]s)\w*",
    r"utolj[aá]ra (?:friss[ií]tve|m[oó]dos[ií]tva|friss[ií]tett[uü]k)",
    r"p[eē]d[eē]j(?:o reizi|[aā]s) (?:atjaunin\w{2,10}|izmai[nņ]as|main\w{2,10})|atjaunin[aā]ts",
    r"(?:paskutin[iį] kart[aą]|paskutinis) (?:atnaujin\w{2,10}|pakeitim\w{2,6})|atnaujinta",
    # Slavic
    r"(?:ostatnia|data ostatniej) (?:aktualizacj\w|zmian\w|modyfikacj\w)|ostatnio zaktualizowan\w",
    r"(?:data )?aktualizacj[ai]|zaktualizowan\w",
    r"posledn[ií] (?:aktualizace|zm[eě]na|[uú]prava)|naposledy (?:aktualizov[aá]no|zm[eě]n[eě]no)",
    r"posledn[aá] (?:aktualiz[aá]cia|zmena)|naposledy aktualizovan\w",
    r"(?:zadnje|posljednje|poslednje) (?:a[zž]uriranje|a[zž]urirano|posodobitev|izmjen\w)",
    r"zadnja (?:posodobitev|sprememba|izmjena)|zadnji[cč] posodobljeno",
    r"последно (?:обновяване|актуализиран\w|обновен\w|изменение)|последна (?:актуализация|промяна)",
    r"(?:дата )?последне(?:е|го) (?:обновлени[ея]|изменени[ея])|последняя (?:редакция|версия)",
    r"(?:дата (?:обновления|изменения|редакции)|обновлен[оаы]?|в редакции|редакция) ?(?:от)?",
    r"(?:останн[єі]|дата останнього) (?:оновлення|зміни)|оновлено|востаннє оновлено",
    r"последње ажурирање|последња измена|ажурирано",
    # others
    r"τελευταία (?:ενημέρωση|τροποποίηση|αναθεώρηση|επικαιροποίηση)",
    r"ενημερώθηκε (?:τελευταία )?στις",
    r"son (?:g[uü]ncelle(?:me|nme)|de[gğ]i[sş]iklik)(?: tarihi)?|g[uü]ncelle(?:me|nme) tarihi",
    r"l-a[hħ][hħ]ar (?:a[gġ][gġ]ornament|emenda)|an nuashonr[uú] is d[eé]ana[ií]",
    r"آخر (?:تحديث|تعديل)|تاريخ (?:آخر )?(?:تحديث|التحديث)|תאריך עדכון(?: אחרון)?",
    r"עודכן לאחרונה(?: ב)?",
    r"c[aậ]p nh[aậ]t (?:l[aầ]n cu[oố]i|ng[aà]y)|(?:terakhir diperbarui|pembaruan terakhir)",
    # Chinese, Japanese, Korean
    r"最終(?:更新|改定|改訂|変更)日?|更新日|改定日?|改訂日?|最終改正日?|最近更新(?:日期|时间|時間|于|於)?",
    r"(?:最后|最後|上次|最近)(?:更新|修订|修訂|修改)(?:日期|时间|時間|于|於)?|(?:更新|修订|修訂)(?:日期|时间|時間|于|於)",
    r"최종 ?(?:수정|개정|변경|업데이트)일?|(?:개정|변경|수정)일자?",
)  # fmt: skip
EFFECTIVE_FIRMLY = (
    r"effective date(?: of (?:this|the|our) (?:\w{2,12} ){0,3}(?:policy|statement|notice))?",
    r"(?:date of entry into force|entry into force|commencement date)",
    r"date effective|date d['’](?:effet|entr[eé]e en vigueur)|entr[eé]e en vigueur",
    r"(?:datum des )?inkrafttretens?|g[uü]ltig (?:ab|seit)|in kraft (?:seit|ab)|wirksam ab",
    r"fecha de (?:entrada en vigor|vigencia|entrada en vigencia)|en vigor desde|vigente desde",
    r"data di (?:entrata in vigore|efficacia|decorrenza)|in vigore dal?|valid[ao] dal",
    r"data (?:de|da) (?:entrada em vigor|vig[eê]ncia)|em vigor (?:desde|a partir de)",
    r"data intr[aă]rii [iî]n vigoare|[iî]n vigoare (?:de la|din)|valabil[aă]? (?:de la|din)",
    r"ingangsdatum|van kracht (?:vanaf|sinds|met ingang van)|geldig (?:vanaf|per)",
    r"g[aä]ller fr[aå]n(?: och med)?|ikraftträdande|gyldig fra|g[aæ]ldende fra|tr[aæ]der i kraft",
    r"voimassa(?: alkaen)?|voimaantulop[aä]iv[aä]|kehtiv alates|j[oõ]ustumise kuup[aä]ev",
    r"hat[aá]lyba ?l[eé]p[eé]s\w{0,6}(?: napja| d[aá]tuma)?|hat[aá]lyos|[eé]rv[eé]nyes",
    r"data wej[sś]cia w [zż]ycie|obowi[aą]zuj[eą]\w{0,2} od(?: dnia)?",
    r"wchodzi w [zż]ycie(?: z)?(?: dnia)?",
    r"datum [uú][cč]innosti|[uú][cč]inn(?:ost|[eé]|[yý]) (?:od|dnem)",
    r"platn(?:ost|[eé]|[aá]|[yý]) od",
    r"stupa na snagu|vrijedi od|na snazi od|velja od|za[cč]ne veljati|сила од|ступа на снагу",
    r"в сила от|дата на влизане в сила|влиза в сила(?: на| от)?",
    r"(?:дата вступления в силу|вступает в силу(?: с)?|действует с|действительна с)",
    r"(?:дата набрання чинності|набирає чинності(?: з)?|діє з|чинна з)",
    r"(?:ημερομηνία (?:έναρξης )?ισχύος|ισχύει από|σε ισχύ από)(?: τις| την)?",
    r"(?:y[uü]r[uü]rl[uü]k(?: tarihi)?|y[uü]r[uü]rl[uü][gğ]e giri[sş] tarihi|ge[cç]erlilik tarihi)",
    r"sp[eē]k[aā] (?:no|kop[sš])|stāšanās spēkā|[iį]sigaliojimo data|galioja nuo|[iį]sigalioja",
    r"تاريخ (?:السريان|النفاذ)|ساري(?:ة)? (?:المفعول )?(?:من|اعتبار[اً]+ من)",
    r"בתוקף (?:מ|החל מ)[־-]?",
    r"ng[aà]y (?:c[oó] )?hi[eệ]u l[uự]c|(?:tanggal (?:efektif|berlaku)|berlaku (?:sejak|mulai))",
    r"制定日?|施行日?|発効日|生效(?:日期|时间|時間|于|於)?|시행(?:일자?)?|적용(?:일자?)?|시행 일자",
)  # fmt: skip
UPDATED_LOOSELY = (
    r"updated?|revised|modified|amended|posted|date|version(?: date| dated| of)?|revision",
    r"rev\.?",
    r"(?:modifi[eé]e?|actualis[eé]e?|r[eé]vis[eé]e?|version(?: du)?|date|en date du)",
    r"(?:aktualisiert|ge[aä]ndert|fassung(?: vom)?|version(?: vom)?|datum)",
    r"(?:actualizaci[oó]n|actualizad[oa]|versi[oó]n(?: de)?|fecha|aggiornamento|versione(?: del)?)",
    r"(?:atualiza[cç][aã]o|atualizad[oa]|vers[aã]o(?: de)?|bijgewerkt|versie(?: van)?|datum)",
    r"uppdaterad|opdateret|oppdatert|versio|wersja(?: z dnia)?|verze|verzi[oó]|версия(?: от)?",
    r"p[aā]rskat[iī]ts",
    r"(?:tarih|g[uü]ncellendi|versiyon|更新|修订|修訂|版本|改定|改訂|개정|수정)",
)  # fmt: skip
EFFECTIVE_LOOSELY = (
    r"(?:is |are |was |becomes? |made )?(?:effective|in effect|in force|valid)"
    r"(?: and (?:was )?last (?:updated|revised|modified))?(?: starting| beginning)?",
    r"(?:comes?|came|went|goes|enters?|entered|will come) into (?:force|effect)|takes? effect",
    r"(?:applies|applicable|in place)",
    r"(?:en vigueur|applicable|valable|prend effet|entre en vigueur)"
    r"(?: (?:depuis|[aà] (?:compter|partir) d[ue]))?",
    r"(?:gilt (?:ab|seit)|tritt am|ab dem|ab)",
    r"(?:entra(?:r[aá])? en vigor|efectiv[oa]|v[aá]lid[oa] desde|vigente)",
    r"(?:entra em vigor|v[aá]lid[oa] (?:desde|a partir)|vigente)|obowi[aą]zuje",
)  # fmt: skip
UPDATED_BEHIND = (
    r"(?:に|より|付(?:け)?で?)?\s?(?:最終)?(?:更新|改定|改訂|改正|変更)|(?:最后)?(?:更新|修订|修訂|修改|更新版|版)",
    r"(?:에|자로?)?\s?(?:최종\s?)?(?:개정|변경|수정|업데이트)",
    r"tarihinde (?:son (?:olarak )?)?(?:g[uü]ncellen|de[gğ]i[sş]tiril)\w{2,8}|tarihli",
    r"(?:rev(?:ision|ised)\b|update[d]?\b|version\b)",
)
EFFECTIVE_BEHIND = (
    r"(?:に|より|付(?:け)?で?)?\s?(?:制定|施行|適用|発効|策定)|(?:起|开始|開始)?(?:生效|施行|实施|實施)",
    r"(?:부터|에)?\s?(?:시행|적용|제정)",
    r"(?:tarihinden itibaren |tarihinde )(?:ge[cç]erli|y[uü]r[uü]rl)\w{2,10}",
    r"-?(?:[tt][oó]l|n|[aá]n|[eé]n) (?:hat[aá]lyos|l[eé]p hat[aá]lyba|[eé]rv[eé]nyes)",
)
DOCUMENT = re.compile(
    r"policy|policies|notice|statement|document|agreement|version|terms|politique|charte|r[eè]gles"
    r"|d[eé]claration|erkl[aä]rung|hinweis|bestimmung|richtlinie|pol[ií]tica|aviso|informativa"
    r"|verklaring|beleid|polityk|regulamin|z[aá]sad|political|politik|policyn|seloste|k[aä]yt[aä]nt"
    r"|t[aá]j[eé]koztat|politica|политик|πολιτικ|politika|pravil|privaatsus|方針|ポリシー|规约|政策|隱私|방침",
    re.IGNORECASE,
)
ANOTHER_MATTER = re.compile(
    r"\b(?:act|law|laws|regulation|directive|statute|code|gdpr|ccpa|cpra|lgpd|shield|framework"
    r"|previous|prior|earlier|old|older|archived?|former|superseded|before|until|through|expires?"
    r"|registered|born|offer|contract|decision|judg?ment|loi|r[eè]glement|d[eé]cret|directive"
    r"|pr[eé]c[eé]dente?s?|ant[eé]rieure?s?|gesetz\w*|verordnung|grundverordnung|richtlinie \d"
    r"|vorherige\w?|fr[uü]here\w?|ley|reglamento|anterior|legge|regolamento|precedente|lei|regulamento"
    r"|wet|verordening|vorige|ustaw\w|rozporz[aą]dzen\w+|poprzedni\w*|zákon\w*|закон\w*|предыдущ\w+)\b"
    r"|dsgvo|rgpd|法律|旧",
    re.IGNORECASE,
)
# what may carry a date of its own beside a policy; the policy's is another
OTHER_SUBJECT = re.compile(
    r"\b(?:sites?|websites?|pages? (?:was|were)|catalog(?:ue)?s?|lists?"
    r"|table|sub-?processors|products?|prices?|database|directory|faq|map|partners?['’]?s?|shield|harbor"
    r"|previous versions?|prior versions?)\b[^.!?]{0,60}$",
    re.IGNORECASE,
)
COOKIE_LIST = re.compile(r"cookie[- ]?(?:declaration|list|table|report|scan)", re.IGNORECASE)
REPLACES = re.compile(r"supersed|replaces|remplace|ersetzt|sustituye|sostituisce|vervangt", re.I)
