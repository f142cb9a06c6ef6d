"""Pages that have privacy in their address or their words and are no privacy policies."""

from tests.made_sites.building import Text

BLOG_POST: Text = (
    "What our new privacy policy means for you",
    [
        "Posted by Ruth on 14 May 2018 in Company news. It has been a busy month in the workshop, "
        "and the lawyers have been here more often than the carpenters.",
        "You may have seen in the press that new European rules begin to apply this month. "
        "According to a survey by researchers, only one reader in ten opens the message about it, "
        "and critics said that the whole exercise is theatre. In our opinion it is not.",
        "So we have written a shorter document in plain words, the author of these lines among the "
        "writers. Ruth says that she learned more about lamps than about law. Read the comments "
        "below, see also last week's post on the brass lantern, and tell us your opinion.",
    ],
)
NEWS_ARTICLE: Text = (
    "Regulator fines lamp maker over privacy",
    [
        "The regulator announced on Tuesday that a lamp maker has to pay a fine of two million, "
        "the first of its kind. A spokesman told reporters that the company would appeal.",
        "According to the press release, the plaintiff had complained for years. Researchers at "
        "the university said the decision was overdue. The judge wrote that the defendant had "
        "ignored warnings. Critics say the amount is too low, a philosopher calls it a parable.",
        "See also: the history of lamps; an opinion piece by our editor; a survey of readers. "
        "This article was first published in the evening edition.",
    ],
)
PRODUCT: Text = (
    "Privacy Screen Deluxe",
    [
        "The folding privacy screen in oak and linen parts any room in two. Price 189.00, free "
        "delivery, in stock, add to cart now.",
        "Sizes 120, 150 and 180 cm. Choose a colour: natural, slate, moss. Five years of warranty, "
        "discount of ten per cent on two. Customers who bought it also ordered the garden fence.",
        "Refund within thirty days if the sale does not please you. Checkout takes a minute.",
    ],
)
HELP: Text = (
    "Privacy settings: how do I hide my profile?",
    [
        "Open the menu at the top right and choose Settings, then Privacy. Move the switch next to "
        "Public profile to off. The page closes by itself.",
        "To hide only your collection, press the three dots next to it and choose Only me. Friends "
        "will see a grey lamp instead of the picture.",
        "Was this article helpful? Yes. No. See also: changing your picture, muting a forum, "
        "something went wrong, error 17 when saving, try again later.",
    ],
)
TAG: Text = (
    "Articles tagged: privacy",
    [
        "Curtains that let the light in, 12 comments. The hedge, an opinion, 3 comments. "
        "A survey on open-plan offices, 8 comments. Reporter's notebook: the fence, 1 comment.",
        "Older articles. Newer articles. Page 2 of 9. Also tagged: garden, curtains, hedges, "
        "neighbours, opinion, press release, bibliography.",
    ],
)
SEARCH: Text = (
    "Search results for: privacy",
    [
        "About 14 results. 1. Privacy Screen Deluxe, price 189.00, add to cart. 2. Frosted film "
        "for windows, price 19.00. 3. Opinion: hedges or fences? 4. Forum: my neighbour's lamp.",
        "Sort by price. Sort by date. Show only what is in stock. Next page.",
    ],
)
MAILING_FORM: Text = (
    "Privacy mailing",
    [
        "Order our free brochure on hedges and screens by post. Fill in the form and press send.",
        "Title. First name. Last name. Street. Town. Country. I would like: the brochure on "
        "hedges; the brochure on screens; both. Send. Reset.",
    ],
)
FORUM: Text = (
    "Forum: is privacy dead?",
    [
        "lampfan77 said: I think so. My opinion, anyway. hedgehog said: see also the thread on "
        "fences. moderator said: no spam please, offensive posts are prohibited.",
        "lampfan77 said: according to a survey I read, nobody cares. Reply. Quote. Page 3 of 7.",
    ],
)
PARKED: Text = (
    "This domain is for sale",
    [
        "Buy this domain. The domain name may be for sale by its owner. Related searches: lamps, "
        "lanterns, cheap flights, insurance, ringtones, privacy policy, mortgages.",
    ],
)
GENERATOR_PAGE: Text = (
    "Free privacy policy generator",
    [
        "Make a document for your website in five minutes. Price: free for one site, 9.00 per "
        "month for ten, discount for agencies. Order now.",
        "More than ten thousand shops use our templates. Choose one: shop, blog, app, school. "
        "Critics said it could not be done. See the price list and the survey of our customers.",
    ],
)
BLOG_POST_DE: Text = (
    "Unser neuer Datenschutz: ein Blick in die Werkstatt",
    [
        "Von Ruth, 14. Mai 2018. Laut einer Umfrage liest nur einer von zehn Menschen solche "
        "Texte, und Kritiker sagten, das Ganze sei Theater. Die Autorin dieser Zeilen sieht es "
        "anders, wie eine Untersuchung von Forschern zeigt.",
        "Siehe auch: die Laterne aus Messing. Literatur: ein Roman über Leuchttürme. "
        "Eine Sprecherin sagte, die nächste Pressemitteilung folge im Sommer.",
    ],
)
BLOG_POST_FR: Text = (
    "La vie privée au temps des lanternes",
    [
        "Par Ruth, le 14 mai 2018. Selon une enquête, un lecteur sur dix ouvre ces messages. Une "
        "tribune parue selon les journalistes dans un quotidien y voit du théâtre ; une "
        "philosophe a déclaré le contraire.",
        "Voir aussi : la lanterne de la semaine. Bibliographie : un roman de phares. Communiqué de "
        "presse à suivre, selon la porte-parole.",
    ],
)
COOKIE_BANNER: Text = (
    "Cookie settings",
    [
        "Accept all. Reject all. Manage options. Strictly necessary, always active. Performance, "
        "off. Marketing, off. Confirm my choices. Allow all. Cookie list. Powered by a lamp.",
    ],
)
