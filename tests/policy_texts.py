# ruff: noqa: E501
"""Short privacy policies and shop pages in many languages, written for the tests."""

POLICIES = {
    "es": """Política de privacidad
Nos tomamos en serio su privacidad. Cuando se registra, recopilamos su nombre, su dirección de
correo electrónico y su dirección IP. Utilizamos sus datos personales para tramitar los pedidos y,
con su consentimiento, para enviarle nuestro boletín. Usamos cookies para recordar sus preferencias.
No cedemos sus datos a terceros, salvo a proveedores que trabajan para nosotros. Conservamos los
datos durante dos años. Usted tiene derecho de acceso, rectificación y supresión; escriba a nuestro
delegado de protección de datos.""",
    "it": """Informativa sulla privacy
Il titolare del trattamento raccoglie i seguenti dati personali: nome, indirizzo e-mail e numero di
telefono. Utilizziamo i suoi dati per rispondere alle richieste e, con il suo consenso, per inviarle
la nostra newsletter. Il sito usa cookie. I dati non sono comunicati a terzi e sono conservati per
due anni. Lei ha diritto di accesso, rettifica, cancellazione e opposizione e può rivolgersi al
Garante per la protezione dei dati personali.""",
    "pt": """Política de privacidade
Recolhemos o seu nome, o seu endereço de e-mail e o seu endereço IP quando se regista. Utilizamos os
seus dados pessoais para prestar o serviço e, com o seu consentimento, para lhe enviar novidades.
Usamos cookies. Não partilhamos os seus dados com terceiros sem autorização. Conservamos os dados
durante um ano. Tem direito de acesso, retificação e apagamento; contacte o nosso encarregado da
proteção de dados. Esta política segue o RGPD e a LGPD.""",
    "nl": """Privacyverklaring
Wij verzamelen uw naam, uw e-mailadres en uw IP-adres wanneer u zich registreert. Wij verwerken uw
persoonsgegevens om bestellingen te leveren en, met uw toestemming, om u onze nieuwsbrief te sturen.
Onze website gebruikt cookies. Wij delen uw gegevens niet met derden. De gegevens worden twee jaar
bewaard. U hebt recht op inzage, rectificatie en verwijdering van uw gegevens en kunt een klacht
indienen bij de Autoriteit Persoonsgegevens.""",
    "sv": """Integritetspolicy
Vi samlar in ditt namn, din e-postadress och din IP-adress när du registrerar dig. Vi behandlar dina
personuppgifter för att leverera tjänsten och, med ditt samtycke, för att skicka nyhetsbrev. Vi
använder kakor. Vi delar inte dina uppgifter med tredje part. Uppgifterna lagras i två år. Du har
rätt till rättelse och radering och kan kontakta vårt dataskyddsombud.""",
    "da": """Privatlivspolitik
Vi indsamler dit navn, din e-mailadresse og din IP-adresse, når du opretter en konto. Vi behandler
dine personoplysninger for at levere tjenesten og, med dit samtykke, for at sende nyhedsbreve. Vi
bruger cookies. Vi videregiver ikke dine oplysninger til tredjepart. Oplysningerne opbevares i to
år. Du har ret til indsigt, berigtigelse og sletning og kan klage til Datatilsynet.""",
    "no": """Personvernerklæring
Vi samler inn navnet ditt, e-postadressen din og IP-adressen din når du registrerer deg. Vi behandler
personopplysninger for å levere tjenesten og, med ditt samtykke, for å sende nyhetsbrev. Vi bruker
informasjonskapsler. Vi deler ikke opplysninger med tredjeparter. Opplysningene lagres i to år. Du
har rett til innsyn, retting og sletting og kan klage til Datatilsynet.""",
    "fi": """Tietosuojaseloste
Keräämme nimesi, sähköpostiosoitteesi ja puhelinnumerosi, kun rekisteröidyt. Käsittelemme
henkilötietojasi palvelun toimittamiseksi ja suostumuksellasi uutiskirjeen lähettämiseksi. Käytämme
evästeitä. Emme luovuta tietojasi kolmansille osapuolille. Tiedot säilytetään kaksi vuotta. Sinulla
on oikeus tarkastaa, oikaista ja poistaa tietosi. Rekisterinpitäjän yhteystiedot ovat alla.""",
    "pl": """Polityka prywatności
Zbieramy imię i nazwisko, adres e-mail oraz numer telefonu. Administratorem danych osobowych jest
nasza spółka. Przetwarzamy dane osobowe w celu realizacji zamówień oraz, za zgodą, wysyłki
newslettera. Używamy plików cookies. Nie udostępniamy danych osobom trzecim. Dane przechowujemy
przez dwa lata. Masz prawo dostępu do danych, ich sprostowania i usunięcia (RODO).""",
    "cs": """Zásady ochrany osobních údajů
Při registraci shromažďujeme vaše jméno, e-mailovou adresu a telefonní číslo. Osobní údaje
zpracováváme pro vyřízení objednávek a se souhlasem pro zasílání novinek. Používáme soubory cookie.
Údaje nepředáváme třetím stranám. Údaje uchováváme dva roky. Máte právo na opravu a výmaz; správcem
je naše společnost. Stížnost můžete podat u Úřadu pro ochranu osobních údajů.""",
    "hu": """Adatkezelési tájékoztató
Regisztrációkor az Ön nevét, e-mail-címét és telefonszámát gyűjtjük. Az adatkezelő a személyes
adatokat a megrendelések teljesítéséhez kezeli, hozzájárulásával hírlevelet küld. Sütiket használunk.
Adatait harmadik félnek nem továbbítjuk. Az adatokat két évig tároljuk. Ön kérheti adatai
helyesbítését és törlését, és a NAIH-hoz fordulhat.""",
    "ro": """Politica de confidențialitate
Colectăm numele, adresa de e-mail și numărul de telefon atunci când vă înregistrați. Prelucrăm datele
cu caracter personal pentru livrarea comenzilor și, cu consimțământul dumneavoastră, pentru buletin.
Folosim module cookie. Nu dezvăluim datele unor terți. Datele sunt păstrate doi ani. Aveți dreptul de
acces, rectificare și ștergere, conform GDPR.""",
    "bg": """Политика за поверителност
Ние събираме вашето име, имейл адрес и телефонен номер при регистрация. Обработваме лични данни, за
да изпълним поръчките, и с ваше съгласие изпращаме бюлетин. Използваме бисквитки. Не предоставяме
данни на трети лица. Данните се съхраняват две години. Имате право на достъп, коригиране и изтриване;
жалба се подава до Комисията за защита на личните данни.""",
    "el": """Πολιτική απορρήτου
Συλλέγουμε το όνομα, τη διεύθυνση ηλεκτρονικού ταχυδρομείου και τον αριθμό τηλεφώνου σας.
Επεξεργαζόμαστε τα προσωπικά δεδομένα για την παράδοση και, με τη συγκατάθεσή σας, για ενημερωτικά
δελτία. Χρησιμοποιούμε cookies. Δεν κοινοποιούμε τα δεδομένα σε τρίτους. Τα δεδομένα διατηρούνται
δύο έτη. Έχετε δικαίωμα πρόσβασης, διόρθωσης και διαγραφής.""",
    "hr": """Pravila privatnosti
Prikupljamo vaše ime, adresu e-pošte i broj telefona. Osobne podatke obrađujemo radi isporuke i, uz
vašu privolu, radi slanja novosti. Koristimo kolačiće. Podatke ne dijelimo s trećim stranama. Podatke
čuvamo dvije godine. Imate pravo na pristup, ispravak i brisanje; voditelj obrade je naše društvo.""",
    "et": """Privaatsuspoliitika
Kogume registreerumisel teie nime, e-posti aadressi ja telefoninumbri. Töötleme isikuandmeid
teenuse osutamiseks ja teie nõusolekul uudiskirja saatmiseks. Kasutame küpsiseid. Me ei edasta andmeid
kolmandatele isikutele. Andmeid säilitatakse kaks aastat. Teil on õigus andmeid parandada ja
kustutada. Vastutav töötleja on meie ettevõte.""",
    "lv": """Privātuma politika
Mēs ievācam jūsu vārdu, e-pasta adresi un tālruņa numuru. Mēs apstrādājam personas datus, lai sniegtu
pakalpojumu, un ar jūsu piekrišanu sūtām jaunumus. Mēs izmantojam sīkfailus. Datus nenododam
trešajām personām. Datus glabājam divus gadus. Jums ir tiesības labot un dzēst savus datus; pārzinis
ir mūsu uzņēmums.""",
    "lt": """Privatumo politika
Mes renkame jūsų vardą, el. pašto adresą ir telefono numerį. Asmens duomenis tvarkome, kad
suteiktume paslaugą, o gavę sutikimą siunčiame naujienas. Naudojame slapukus. Duomenų neperduodame
trečiosioms šalims. Duomenys saugomi dvejus metus. Turite teisę ištaisyti ir ištrinti duomenis;
duomenų valdytojas yra mūsų įmonė.""",
    "tr": """Gizlilik politikası
Kayıt olduğunuzda adınızı, e-posta adresinizi ve telefon numaranızı topluyoruz. Kişisel verilerinizi
siparişleri yerine getirmek ve açık rızanızla bülten göndermek için işliyoruz. Çerezler kullanıyoruz.
Verilerinizi üçüncü taraflarla paylaşmıyoruz. Veriler iki yıl saklanır. Düzeltme ve silme haklarınız
vardır; veri sorumlusu şirketimizdir (6698 sayılı Kanun, KVKK).""",
    "ru": """Политика конфиденциальности
При регистрации мы собираем ваше имя, адрес электронной почты и номер телефона. Мы обрабатываем
персональные данные для выполнения заказов и с вашего согласия отправляем рассылку. Мы используем
файлы cookie. Мы не передаём данные третьим лицам. Данные хранятся два года. Вы можете исправить или
удалить данные и отозвать согласие. Оператор — наша компания.""",
    "uk": """Політика конфіденційності
Під час реєстрації ми збираємо ваше ім'я, адресу електронної пошти та номер телефону. Ми обробляємо
персональні дані для виконання замовлень і за вашою згодою надсилаємо новини. Ми використовуємо файли
cookie. Ми не передаємо дані третім особам. Дані зберігаються два роки. Ви можете виправити або
видалити дані.""",
    "ja": """プライバシーポリシー
当社は、ご登録の際にお客様の氏名、メールアドレス、電話番号を取得します。個人情報の利用目的は、ご注文の
処理およびお知らせの送付です。当サイトはクッキーを使用します。法令に基づく場合を除き、同意なく個人情報を
第三者に提供しません。個人情報は適切に保管し、安全管理を行います。開示、訂正、利用停止、削除のご請求は
お問い合わせ窓口までご連絡ください。個人情報の保護に関する法律を遵守します。""",
    "zh": """隐私政策
我们会在您注册时收集您的姓名、电子邮件地址和电话号码。我们使用您的个人信息来处理订单，并在征得您的同意后
发送通知。我们使用 Cookie。未经您的同意，我们不会与第三方共享您的个人信息。个人信息保存两年。您有权查阅、
更正和删除您的个人信息，也可以撤回同意。如有疑问，请联系个人信息保护负责人。""",
    "ko": """개인정보처리방침
회사는 회원 가입 시 이용자의 이름, 이메일 주소, 전화번호를 수집합니다. 수집한 개인정보는 주문 처리를 위한
이용목적으로만 사용하며, 동의 없이 제3자에게 제공하지 않습니다. 회사는 쿠키를 사용합니다. 개인정보의 보유
기간은 2년이며 이후 파기합니다. 이용자는 개인정보의 열람, 정정, 삭제를 요구할 수 있습니다. 개인정보
보호책임자에게 연락하십시오.""",
    "ar": """سياسة الخصوصية
نجمع اسمك وعنوان بريدك الإلكتروني ورقم الهاتف عند التسجيل. نستخدم البيانات الشخصية لتنفيذ الطلبات،
ونرسل النشرة بعد موافقتك. نستخدم ملفات تعريف الارتباط. لا تتم مشاركة معلوماتك مع أطراف ثالثة دون
موافقة. نحتفظ بالبيانات لمدة عامين. لديك حقوقك في الوصول إلى بياناتك أو تصحيح أو حذف معلوماتك.""",
}

SHOPS = {
    "es": "Tienda de semillas. Novedades de primavera: tomates, pimientos y calabazas. Precio desde "
    "tres euros, envío gratis. Añadir al carrito. Abierto de lunes a sábado. Aviso legal. "
    "Política de privacidad.",
    "it": "Negozio di sementi. Novità di primavera: pomodori, peperoni e zucche. Prezzi da tre euro, "
    "spedizione gratuita. Aggiungi al carrello. Aperto dal lunedì al sabato. Privacy. Cookie.",
    "pt": "Loja de sementes. Novidades da primavera: tomates, pimentos e abóboras. Preços desde três "
    "euros, portes grátis. Adicionar ao carrinho. Aberto de segunda a sábado. Privacidade.",
    "nl": "Zaadwinkel. Nieuw dit voorjaar: tomaten, paprika's en pompoenen. Prijzen vanaf drie euro, "
    "gratis verzending. In winkelwagen. Open van maandag tot zaterdag. Privacybeleid. Cookies.",
    "pl": "Sklep z nasionami. Nowości na wiosnę: pomidory, papryka i dynie. Ceny od trzech złotych, "
    "darmowa dostawa. Dodaj do koszyka. Czynne od poniedziałku do soboty. Polityka prywatności.",
    "sv": "Fröbutik. Nyheter i vår: tomater, paprika och pumpor. Priser från trettio kronor, fri "
    "frakt. Lägg i varukorgen. Öppet måndag till lördag. Integritetspolicy. Kakor.",
    "fi": "Siemenkauppa. Kevään uutuudet: tomaatit, paprikat ja kurpitsat. Hinnat alkaen kolme euroa, "
    "ilmainen toimitus. Lisää ostoskoriin. Avoinna maanantaista lauantaihin. Tietosuoja.",
    "ru": "Магазин семян. Новинки весны: томаты, перец и тыквы. Цены от ста рублей, бесплатная "
    "доставка. Добавить в корзину. Работаем с понедельника по субботу. Конфиденциальность.",
    "tr": "Tohum dükkânı. Baharın yenilikleri: domates, biber ve kabak. Fiyatlar otuz liradan "
    "başlar, kargo bedava. Sepete ekle. Pazartesiden cumartesiye açık. Gizlilik.",
    "ja": "種の店。春の新商品：トマト、ピーマン、かぼちゃ。三百円から、送料無料。カートに入れる。月曜日から"
    "土曜日まで営業。プライバシーポリシー。お問い合わせ。会社概要。採用情報。",
    "zh": "种子商店。春季新品：番茄、辣椒和南瓜。三十元起，免运费。加入购物车。周一至周六营业。"
    "关于我们。联系我们。隐私政策。",
    "ko": "씨앗 가게. 봄 신상품: 토마토, 고추, 호박. 삼천 원부터, 무료 배송. 장바구니에 담기. 월요일부터 "
    "토요일까지 영업. 회사 소개. 개인정보처리방침.",
    "cs": "Obchod se semeny. Jarní novinky: rajčata, papriky a dýně. Ceny od třiceti korun, doprava "
    "zdarma. Přidat do košíku. Otevřeno od pondělí do soboty. Ochrana osobních údajů.",
    "el": "Κατάστημα σπόρων. Νέα της άνοιξης: ντομάτες, πιπεριές και κολοκύθες. Τιμές από τρία ευρώ, "
    "δωρεάν αποστολή. Προσθήκη στο καλάθι. Ανοιχτά Δευτέρα έως Σάββατο. Πολιτική απορρήτου.",
}
