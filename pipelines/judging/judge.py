"""Step 7: is a text a page of the site at all, and a privacy policy? The reason is kept.

Rules tell error pages and bot walls, but only short ones: a policy may well say "not found" or
"captcha" somewhere. The score of `pipelines.judging.classifier` tells the rest.
"""

import re

from crawler.discovery.names import names_in
from crawler.outcomes import Outcome
from crawler.records import Text

LONGEST_STUB = 1500
LONGEST_WALL = 400  # where no score speaks for a policy; some whole policies have not many more
_BEGINNING = 300
LIKELY = 0.9  # score; such a text is a stub only if its title says so

_SOFT_404 = re.compile(
    r"\b(?:error|http|status|code)\W{0,3}404\b|\b404\W{0,3}(?:error|not found|page)|\b410 gone\b"
    r"|\b(?:page|file|document|url|address|content|resource)\b[^.!?]{0,60}?"
    r"\b(?:not (?:be )?found|(?:could|can|was)(?: ?not|n?['’]t) (?:be )?(?:found|located)"
    r"|does(?: not|n['’]t) exist|no longer (?:exists?|available)|has been (?:re)?moved)"
    r"|\bpage not found\b|\bnot found\b[^.!?]{0,40}\bserver\b"
    r"|\bseite (?:wurde )?(?:leider )?nicht gefunden\b|\bpage introuvable\b"
    r"|\bp[áa]gina no encontrada\b|\bpagina non trovata\b|\bpagina niet gevonden\b"
    r"|\bp[áa]gina n[ãa]o (?:foi )?encontrada\b"
    r"|\bp[áa]gina\b[^.!?]{0,40}\bno (?:existe|se encuentra)"
    r"|\bstrona\b[^.!?]{0,60}\bnie (?:istnieje|została znaleziona)|страница не найдена"
    r"|\bsidan (?:kunde inte|hittades inte|finns inte)|\bsiden (?:ble |blev |kunne )?ikke f[ui]nne"
    r"|ページが見つかりません|页面不存在|找不到页面",
    re.IGNORECASE,
)
_SHELL = re.compile(  # where a framework puts what its script makes
    rb"<(?:div|main|body)\b[^>]{0,300}\b(?:id=[\"']?(?:root|app|__next|__nuxt|___gatsby)\b|ng-app)",
    re.IGNORECASE,
)
_LONGEST_SHELL = 200_000  # bytes looked at
_NUMBER = re.compile(r"\W*404\b")
_BLOCKED = re.compile(
    r"\bcaptcha\b|\bverify (?:that )?you(?:['’]re| are) (?:a )?(?:human|not a robot)\b"
    r"|\bare you (?:a )?(?:human|robot)\b|\bchecking (?:if the site connection|your browser)\b"
    r"|\bunusual traffic\b|\baccess denied\b|\battention required\b|\bjust a moment\b"
    r"|\brequest (?:was |has been )?(?:blocked|unsuccessful)\b|\bincapsula incident\b"
    r"|\benable (?:javascript|cookies) (?:and cookies )?to continue\b"
    r"|\baccess to this page has been denied\b",
    re.IGNORECASE,
)


_WALLS = {
    Outcome.PARKED: (
        r"\bthis domain (?:name )?(?:is|may be) (?:for sale|parked|available)\b|\bbuy this domain\b"
        r"|\bdomain (?:name )?(?:is )?for sale\b|\bdomain parking\b"
        r"|\bparked (?:free|page|domain|by)\b|\bdomain steht zum verkauf\b"
        r"|\bdomain (?:ist )?(?:zu verkaufen|geparkt)\b"
        r"|\bdomaine est (?:à vendre|en vente)\b|\bdominio está (?:en|a la) venta\b"
        r"|\bdominio è in vendita\b|\bdom[íi]nio está à venda\b|\bdomein (?:is )?te koop\b"
        r"|\bdomena (?:jest )?na sprzedaż\b|\bdomain (?:name )?has expired\b"
    ),
    Outcome.SCRIPT_SHELL: (
        r"\b(?:enable|activate|turn on|aktivieren sie|activer|activez|habilite|active) javascript\b"
        r"|\bjavascript (?:is |must be |needs to be |has to be )?(?:disabled|required|enabled)\b"
        r"|\brequires? javascript\b|\bjavascript (?:zu )?aktivieren\b"
    ),
    Outcome.CONSENT_WALL: (
        r"\b(?:accept all|reject all|agree and (?:close|proceed|continue)"
        r"|manage (?:options|preferences)|alle akzeptieren|tout accepter"
        r"|accepter et (?:fermer|continuer)|aceptar todo"
        r"|accetta tutto|alles accepteren)\b"
    ),
    Outcome.LOGIN: (
        r"\b(?:password|passwort|kennwort|mot de passe|contraseña|wachtwoord|senha|hasło)\b"
        r"|пароль|パスワード|密码"
        r"|\b(?:sign|log) in to (?:continue|your account)\b"
    ),
}


def judge(text: Text, threshold: float) -> tuple[Outcome, str] | None:
    """Return the outcome of a text that is no privacy policy, with what tells; or None.

    A text without a score, in a language that the classifier does not know, is let through, unless
    it says what it is and nowhere, in any language, what policies are about.
    """
    likely = text.policy_score is not None and text.policy_score >= LIKELY
    if (stub := _stub(text, by_title=likely)) is not None:
        return stub
    if threshold == 0:
        return None
    if text.policy_score is None:
        wall = _wall(text) if len(text.plain) <= LONGEST_WALL else None
        return None if wall is None or _names_a_policy(text) else wall
    if text.policy_score < threshold:
        reasons = f"score {text.policy_score:.2f}: {', '.join(text.policy_reasons)}"
        if (wall := _wall(text)) is None:
            return Outcome.NOT_POLICY, reasons
        return wall[0], f"{wall[1]}, {reasons}"
    return None


def no_text(page: bytes) -> Outcome:
    """Return the outcome of a page without a text: empty, or a shell that a script was to fill."""
    start = page[:_LONGEST_SHELL]
    filled = b"<script" in start.lower() and _SHELL.search(start)
    return Outcome.SCRIPT_SHELL if filled else Outcome.EMPTY


def _wall(text: Text) -> tuple[Outcome, str] | None:
    """Say what stands before the policy, in a short text that is none."""
    if len(text.plain) > LONGEST_STUB:
        return None
    for outcome, pattern in _WALLS.items():
        if match := re.search(pattern, f"{text.extracted.title}\n{text.plain}", re.IGNORECASE):
            return outcome, f'says "{" ".join(match[0].split())}"'
    return None


def _names_a_policy(text: Text) -> bool:
    found = names_in(f"{text.extracted.title}\n{text.plain}", "link")
    return any(name.means in ("policy", "subject") for name in found)


def _stub(text: Text, *, by_title: bool) -> tuple[Outcome, str] | None:
    """Judge a page of at most 1,500 characters by its title and its first 300, or the title alone.

    A short policy may say that a page has moved, or that a form has a captcha.
    """
    if len(text.plain) > LONGEST_STUB:
        return None
    title = text.extracted.title
    if _NUMBER.match(title):
        return Outcome.SOFT_404, f'says "{title[:80]}"'
    beginning = title if by_title else f"{title}\n{text.plain[:_BEGINNING]}"
    for outcome, pattern in ((Outcome.BLOCKED, _BLOCKED), (Outcome.SOFT_404, _SOFT_404)):
        if match := pattern.search(beginning):
            return outcome, f'says "{" ".join(match[0].split())}"'
    return None
