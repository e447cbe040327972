"""The callers' phrases as word lists: numbers, commands, preambles, and out-of-grammar speech."""

from __future__ import annotations

DIGITS = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
REPEATS = ("double", "triple")
NUMBERS = frozenset((*DIGITS, *TEENS, *TENS, *REPEATS, "hundred"))


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


COMMANDS = _phrases(
    """yes|no|yes|no|yes|no|yeah|yep|nope|correct|right|wrong|help|help|repeat|repeat|again|stop|
    start over|start over|go back|go back|slower|faster|operator|agent|agent|representative|
    representative|status|main menu|main menu|account activity|account activity|account|activity|
    renewal|renewal information|renewal information|information|goodbye|goodbye|bye|keypad|cancel|
    application|application status|license|license number|number|pin|please|over|menu|back|start|
    go|main|slow down|more slowly|speed up|hang up|nothing else|nah|yup|incorrect|sure|okay"""
)
"""Menu items and universal commands; the most frequent are repeated."""

POLITE_COMMANDS = _phrases(
    """yes please|no please|yes correct|yes right|that's right|that's correct|that's wrong|
    yes it is|no it's wrong|no that's not right|help please|help me please|repeat please|
    please repeat|repeat that please|repeat again|say that again|say it again please|
    again please|    please start over|start over please|start again|go back please|please go back|
    go to the main menu|back to the main menu|main menu please|slower please|please go slower|
    speak slower please|faster please|operator please|agent please|representative please|
    speak to a representative|speak to an agent|talk to an agent please|talk to a person|
    get me a representative|i need help|i need an operator|account activity please|
    my account activity|application status please|the status of my application|my application|
    status please|renewal information please|the renewal information|information please|
    my license|my license number|my pin|my pin number|the pin|the license number|use the keypad|
    keypad please|cancel that|cancel please|please cancel|stop please|please stop|goodbye now|
    okay goodbye|bye bye|okay bye|thank you goodbye|no thank you goodbye|no thank you|
    yeah please|uh yes|um yes|uh no|um no|uh help|um repeat|uh representative|okay yes|okay no|
    yes i do|no i don't|yes go back|no go back|no start over|wrong number|that is the wrong number|
    that is correct|that is right|it's correct|it's right|it's wrong|the number is wrong|
    more time please|wait please|one moment please|yes sir|no sir|yes ma'am|no ma'am|yup that's it|
    nah that's wrong|that is incorrect|that isn't right|it isn't correct|not right|not correct|
    no it's not|yes it is sure|option one|option two|option three|option four|press one|press two|
    press three|press four|number one|number two|go slowly please|please slow down|slow down please|
    speed up please|a little faster|my status again|renew my license|my account|nothing else thanks|
    something else|thanks goodbye|good bye|so yes|so no|hang up please|repeat that|
    i am an educator|educator license|the educator number|two thousand|one thousand"""
)

PREAMBLES = _phrases(
    """my number is|my license number is|the number is|my pin is|my pin number is|the pin is|it's|
    it is|uh it's|um it's|uh|um|yes it's|yes|okay it's|okay|license number|pin number|number|
    my license is|that's|the license number is|uh my number is|um my license number is|
    i think it's|well it's|sure it's|let me see it's|and it's|
    and my pin is|so it's|my educator number is|my i d is|please use"""
)

AFTERTHOUGHTS = _phrases("please|thank you|i think|okay|yes|is my number|that's it|sir|ma'am")

OTHER_WORDS = _phrases(
    """apple|window|fishing|paper|maybe|hello|water|garden|monkey|monday|orange|table|doctor|
    minute|january|music|river|balance|money|transfer|understand|expired|arrive|ridiculous|
    december|morning|nurse|exam|teacher|certificate|electrician|pharmacy|plumber|yellow|never|
    second|machine|tree|door|late|fine|heaven|great|sick|hate|line|wine|done|sun|fun|floor|pour|
    shoe|blue|hero|show|low|grow|through|free|live|drive|mine|sign|lunch|weight|mix|fix|street|
    house|happy|bird|dog|cat|bed|left|up|down|off|on|marvin|sheila|follow|learn|visual|backward|
    forward|hundredth|sixteenth|fifth|fourth|third|first|half|dozen|million|point|dash|star|pound|
    slow|fast|hotel|motel|notice|office|college|degree|transcript|praxis|mississippi|jackson|
    county|district|principal|school|student|summer|spring|winter|friday|tuesday|wednesday|
    thursday|saturday|sunday|april|august|october|november|february|phone|email|address|letter|
    payment|fee|card|bank|credit|what|why|who|when|where|how|anything|something|nothing|everyone|
    sorry|thanks|alright|absolutely|definitely|certainly|actually|really|silence|freeway|fortune|
    fiction|neighbor|nightly|tuna|wonder|zebra|hilo|yesterday|yellowstone|know|knowing|notion|
    hopeful|helping|stopping|starting|statue|state|station|mental|manual|meaning|mainly|agency|
    cancer|canceled|candle|camera|numb|lumber|cucumber|pen|bin|thin|spin|pinch|
    listen|lessen|listing|information desk|informal|reform|renew|renewed|newly|operation|opera|
    represent|president|present|sentence|presentation|keyboard|key|path|buy|by the way|good night|
    good day|could|would|should|wood"""
)

OTHER_SENTENCES = _phrases(
    """thank you very much|because people asked|the water in the garden|next monday morning|
    wait a minute|the river is wide|what account|please hold on|sorry what was that|
    i want to know about my balance|transfer my money|i do not understand|my license has expired|
    when will it arrive|this is ridiculous|can you hear me|hold the line|my name is robert miller|
    i live in springfield|it was last december|good morning|the nurse exam|renew a license|
    well let me see|i think it is|hang on|where are you|tuesday afternoon|teacher certificate|
    new application|they said something|never mind|just a second|are you there|is this a machine|
    how long does it take|did you get my transcripts|i sent the form last week|
    who am i talking to|can i call you back|i don't have it with me|let me find my glasses|
    hold on i have to look it up|it's on the other card|i forgot my pin|i don't know my number|
    i never set one up|what do you mean|turn the television down|be quiet i'm on the phone|
    honey where is my purse|not now i'm busy|the dog wants to go out|i'm driving right now|
    i am at school in a class|my husband has the letter|they told me to call this number|
    nobody ever picks up|i have been waiting all day|is anybody there|do you speak spanish|
    i teach at a middle school|i moved here from alabama|my degree is in history|
    the college never sent it|i paid the fee online|it says it is incomplete|
    when does it expire|do i need to take the test again|how many credits do i need|
    can you send it by mail|i changed my name|i got married in the summer|
    my principal needs it by friday|what is the fax number|where is your office|
    what are your hours|that was not me|you have the wrong person|i want to make a complaint|
    can you repeat what you said before|i already did that|it does not work|
    the website is down again|i can't sign in|it keeps telling me no|she said yes yesterday|
    we go there on the weekend|turn right at the corner|the main street is closed|
    a status symbol|the menu was short|he goes faster than me|over the hill|
    start the car|stop at the light|help yourself to some coffee|back in the day"""
)

_SUBJECTS = _phrases(
    """the teacher|my neighbor|a young woman|the old man|our principal|nobody|everybody|the
    company|his brother|the little girl|that driver|some people|the weather|the county|
    her cousin|we|they|i"""
)
_VERBS = _phrases(
    """bought|forgot|painted|found|sold|carried|remembered|liked|broke|wanted|lost|sent|described|
    changed|watched|finished|needed|heard about"""
)
_OBJECTS = _phrases(
    """a blue jacket|the kitchen table|fresh bread|an old bicycle|the morning paper|a long letter|
    the garden gate|a cup of coffee|the last train|some warm clothes|a small boat|the wrong key|
    another picture|a birthday cake|the whole story|this song|an umbrella|the museum"""
)
_ENDINGS = _phrases(
    """|yesterday|in the afternoon|at the station|on monday|after the storm|without a word|
    for the children|near the river|before lunch|in november|again last week|with a smile|
    because it rained|at home|by accident|"""
)
MADE_SENTENCE = (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS)
"""One choice from each makes a sentence: some 80,000 in all."""

LETTERS = tuple("abcdefghijklmnpqrstuvwxyz")

FOREIGN: dict[str, tuple[str, ...]] = {
    "de": _phrases(
        """eins zwei drei vier fünf|sechs sieben acht neun null|guten Tag ich möchte mit jemandem
        sprechen|nein danke|ja bitte|können Sie das wiederholen|wie spät ist es|
        das weiß ich nicht"""
    ),
    "fr": _phrases(
        """un deux trois quatre cinq|six sept huit neuf zéro|bonjour je voudrais parler à quelqu'un|
        non merci|oui bien sûr|pouvez-vous répéter|quelle heure est-il|je ne sais pas"""
    ),
    "es": _phrases(
        """uno dos tres cuatro cinco|seis siete ocho nueve cero|buenos días quiero hablar con
        alguien|no gracias|sí por favor|puede repetir|qué hora es|no lo sé|
        mi número es cuatro dos uno"""
    ),
    "it": _phrases(
        """uno due tre quattro cinque|sei sette otto nove zero|buongiorno vorrei parlare con
        qualcuno|        no grazie|sì certo|può ripetere|che ore sono|non lo so"""
    ),
    "pt": _phrases(
        """um dois três quatro cinco|seis sete oito nove zero|bom dia quero falar com alguém|
        não obrigado|sim por favor|pode repetir|que horas são|não sei"""
    ),
    "nl": _phrases(
        """een twee drie vier vijf|zes zeven acht negen nul|goedendag ik wil iemand spreken|
        nee dank u|ja graag|kunt u dat herhalen|hoe laat is het|dat weet ik niet"""
    ),
    "pl": _phrases(
        """jeden dwa trzy cztery pięć|sześć siedem osiem dziewięć zero|dzień dobry chciałbym z kimś
        porozmawiać|nie dziękuję|tak proszę|proszę powtórzyć|która godzina|nie wiem"""
    ),
    "ru": _phrases(
        """один два три четыре пять|шесть семь восемь девять ноль|добрый день|нет спасибо|
        да пожалуйста|повторите пожалуйста|который час|я не знаю"""
    ),
}
"""Other languages: none of it counts as a digit or a command."""
