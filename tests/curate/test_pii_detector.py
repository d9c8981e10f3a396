"""What the built-in detector of `pii` finds and leaves: tables written by hand, and published numbers."""

import random
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.pii import FAMILY_OF, BuiltinDetector
from tuneset.curate.pii.checksums import luhn, mod97, verhoeff
from tuneset.curate.pii.secret_makers import SECRETS
from tuneset.curate.pii.secrets import entropy

FOUND = [
    ("email", "Write to ⟦zoe.horvat@example.com⟧."),
    ("email", "Contact: ⟦m.oconnor77@mail-hub.co.uk⟧ (work)"),
    ("email", "mailto:⟦jan_kowalski@poczta.example.org⟧"),
    ("email", "Mail ⟦ravi.iyer [at] example [dot] com⟧ please"),
    ("email", "Meine Adresse: ⟦jörg.müller@firma-müller.de⟧"),
    ("email", "⟦uyilmaz@example.org⟧ is mine"),
    ("phone", "Call ⟦+1-303-555-0142⟧ today."),
    ("phone", "my number is ⟦(415) 555-0199⟧"),
    ("phone", "Reach me on ⟦020 7946 0123⟧ after five"),
    ("phone", "mobile ⟦07700 900123⟧"),
    ("phone", "Tel. ⟦030 23125 456⟧"),
    ("phone", "Tel.: ⟦030/23125456⟧"),
    ("phone", "Téléphone : ⟦01 99 00 12 34⟧"),
    ("phone", "mon portable ⟦06.39.98.12.34⟧"),
    ("phone", "WhatsApp ⟦+91 91827 36450⟧"),
    ("phone", "⟦+81 3-1234-5678⟧ is our line in Tokyo"),
    ("phone", "⟦+61 2 5550 1234⟧ rings"),
    ("phone", "mein Handy ist ⟦0151 12345678⟧"),
    ("phone", "Telefon ⟦+43 1 5880 1234⟧"),
    ("phone", "llámame al ⟦612 345 678⟧"),
    ("phone", "ligue para ⟦(11) 91234-5678⟧"),
    ("phone", "我的手机是⟦13812345678⟧，谢谢"),
    ("phone", "phone ⟦+86 138 1234 5678⟧"),
    ("phone", "fax: ⟦+39 06 6982 1234⟧"),
    ("phone", "text me at ⟦2065550173⟧"),
    ("phone", "⟦800-555-0199⟧ ext is closed, phone it"),
    ("phone", "Ring ⟦+353 1 555 0123⟧"),
    ("phone", "⟦+7 495 123-45-67⟧"),
    ("phone", "tel:⟦+4930231251234⟧"),
    ("credit_card", "card ⟦5105 1051 0510 5142⟧?"),
    ("credit_card", "paid with ⟦6011000990139481⟧"),
    ("credit_card", "amex ⟦3782 822463 10047⟧"),
    ("credit_card", "visa ⟦4000 0000 0000 1091⟧ exp 04/27"),
    ("iban", "IBAN: ⟦FR14 2004 1010 0505 0001 3M02 606⟧"),
    ("iban", "to ⟦NL91ABNA0417164300⟧ today"),
    ("iban", "⟦GB33BUKB20201555555555⟧"),
    ("iban", "⟦ES91 2100 0418 4502 0005 1332⟧"),
    ("iban", "⟦IT60X0542811101000000123456⟧"),
    ("iban", "⟦CH93 0076 2011 6238 5295 7⟧"),
    ("iban", "⟦PL61109010140000071219812874⟧"),
    ("us_ssn", "social security number ⟦536 22 1849⟧"),
    ("us_ssn", "SSN: ⟦536221849⟧"),
    ("us_ssn", "My social is ⟦536-22-1849⟧."),
    ("national_id", "NINO ⟦AB123456C⟧"),
    ("national_id", "my national insurance number is ⟦AB 12 34 56 C⟧"),
    ("national_id", "CPF ⟦529.982.247-25⟧"),
    ("national_id", "DNI ⟦12345679S⟧"),
    ("national_id", "NIE: ⟦X1234567L⟧"),
    ("national_id", "codice fiscale ⟦RSSMRA85T10A562S⟧"),
    ("national_id", "NIR ⟦2 55 08 14 168 025 38⟧"),
    ("national_id", "BSN ⟦111222333⟧"),
    ("national_id", "Aadhaar ⟦2341 2341 2346⟧"),
    ("national_id", "PESEL ⟦44051401359⟧"),
    ("national_id", "personnummer ⟦811228-9874⟧"),
    ("national_id", "HETU ⟦131052-308T⟧"),
    ("national_id", "AHV ⟦756.9217.0769.85⟧"),
    ("national_id", "身份证 ⟦11010519491231002X⟧"),
    ("national_id", "CURP ⟦HEGG560427MVZRRL04⟧"),
    ("national_id", "RUT ⟦12.345.670-K⟧"),
    ("national_id", "NRIC ⟦S1234567D⟧"),
    ("national_id", "rodné číslo ⟦736028/5163⟧"),
    ("tax_id", "PAN ⟦ABCPD1234E⟧"),
    ("tax_id", "Steuer-ID ⟦86095742719⟧"),
    ("health_id", "NHS number ⟦943 476 5919⟧"),
    ("passport", "passport number ⟦C01X00T47⟧"),
    ("passport", "Passport No. ⟦533380006⟧"),
    ("driver_license", "driver's license ⟦D1234562⟧"),
    ("driver_license", "My driving licence number is ⟦MORGA657054SM9IJ⟧"),
    ("license_plate", "license plate ⟦7ABC482⟧"),
    ("license_plate", "Kennzeichen ⟦B-MW 4821⟧"),
    ("bank_account", "routing number ⟦021000021⟧"),
    ("bank_account", "account number ⟦000483926154⟧"),
    ("bank_account", "sort code ⟦20-20-15⟧"),
    ("mac_address", "device ⟦3c:5a:b4:1f:90:7e⟧ joined"),
    ("mac_address", "MAC ⟦3C-5A-B4-1F-90-7E⟧"),
    ("ip_address", "login from ⟦198.51.100.23⟧ failed"),
    ("ip_address", "ping ⟦2001:db8:85a3::8a2e:370:7334⟧"),
    ("ip_address", "Client ⟦2001:0db8:85a3:0000:0000:8a2e:0370:7334⟧"),
    ("ip_address", "blocked ⟦203.0.113.7⟧:8080"),
    ("ip_address", "curl http://⟦203.0.113.77⟧/admin"),
    ("date_of_birth", "date of birth: ⟦1988-02-17⟧"),
    ("date_of_birth", "DOB: ⟦17/02/1988⟧"),
    ("date_of_birth", "I was born on ⟦February 17, 1988⟧."),
    ("date_of_birth", "born ⟦3 May 1984⟧, need my form"),
    ("date_of_birth", "geboren am ⟦17.02.1988⟧"),
    ("date_of_birth", "née le ⟦17/02/1988⟧"),
    ("date_of_birth", "my birthday is ⟦17 Feb 1988⟧"),
    ("date_of_birth", "fecha de nacimiento: ⟦17/02/1988⟧"),
    ("date_of_birth", "birth date ⟦02-17-1988⟧"),
    ("address", "I live at ⟦221 Maple Avenue, Apt 4B, Springfield, IL 62704⟧."),
    ("address", "ship to ⟦12 Rue de la Paix, 75002 Paris⟧"),
    ("address", "Anschrift: ⟦Lindenstraße 14, 10969 Berlin⟧"),
    ("address", "wohne in der ⟦Goethestr. 7⟧"),
    ("address", "⟦48 Harley Gardens, London SW10 9SW⟧ is home"),
    ("address", "vivo en ⟦Calle de Alcalá 45, 28014 Madrid⟧"),
    ("address", "indirizzo ⟦Via Garibaldi 23, 20121 Milano⟧"),
    ("address", "deliver to ⟦Keizersgracht 123, 1015 CJ Amsterdam⟧"),
    ("address", "send it to ⟦P.O. Box 4821, Boise, ID 83701⟧"),
    ("address", "moved to ⟦7 Kings Road, Brighton⟧ last week"),
    ("address", "my address is ⟦99 Bank Road, 90210 Lisbon⟧"),
    ("address", "Your new address is ⟦15 Lindenallee, 44123 Bergen⟧"),
    ("address", "Livraison au ⟦8 Avenue Victor Hugo, 69003 Lyon⟧"),
    ("crypto_wallet", "send BTC to ⟦1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2⟧"),
    ("crypto_wallet", "⟦bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq⟧ my wallet"),
    ("crypto_wallet", "my wallet ⟦0x52908400098527886E0F7030069857D2E4169EE7⟧"),
    ("username", "my username is ⟦sunny_walker92⟧"),
    ("username", "My Instagram is ⟦@tiny.fern⟧"),
    ("username", "see linkedin.com/in/⟦aylin-demir-4821⟧"),
    ("credentials", "postgres://⟦svc_app:9kQz7Lw2pT⟧@db.internal:5432/prod"),
    ("credentials", "https://⟦deploy:xV93hk2Lq⟧@git.example.org/repo.git"),
    ("password", "my password is ⟦Tr0ub4dor&3⟧"),
    ("password", "DB_PASSWORD=⟦k8#Vw29xLq⟧"),
    ("password", "pwd: ⟦9xKq-22-LmPz⟧"),
    ("vehicle_id", "VIN: ⟦1M8GDM9AXKP042788⟧"),
    ("device_id", "IMEI ⟦490154203237518⟧"),
    ("health_id", "MRN: ⟦48219374⟧"),
    ("person", "My name is ⟦Aiko Nakamura⟧."),
    ("person", "Hi, this is ⟦Łukasz Wiśniewski⟧ from accounting."),
    ("person", "Best regards,\\\n⟦Thandiwe Mbeki⟧"),
    ("person", "Thanks, ⟦Sofía⟧!"),
    ("person", "I spoke with ⟦Anna-Lena Müller⟧ yesterday."),
    ("person", "Customer: ⟦Rahul Mehta⟧"),
    ("person", "Dr. ⟦Samira Haddad⟧ will see you"),
    ("person", "patient ⟦Mateo Fernández⟧ is stable"),
    ("person", "Yours sincerely,\\\n⟦Maria de la Cruz⟧"),
    ("person", "me llamo ⟦Diego Ramos⟧"),
    ("person", "Ich heiße ⟦Lena Hoffmann⟧"),
    ("person", "⟦Priya Nair⟧'s account is locked"),
    ("person", "Signed, ⟦Kofi Mensah⟧"),
    ("person", "Please contact ⟦Emre Kaya⟧ at noon"),
    ("person", "Regards, ⟦Wei Zhang⟧"),
    ("person", "Hello ⟦Noor⟧, welcome"),
    ("person", "Dear Ms. ⟦Okonkwo⟧,"),
    ("person", "⟦Johanna⟧ said no to that."),
    ("address", "moved to ⟦221 Maple Avenue\nSpringfield, IL 62704⟧"),
    (
        "private_key",
        "⟦-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bqPvZ4\n-----END RSA PRIVATE KEY-----⟧",
    ),
]
"""A kind, and a text with the value of that kind between brackets; numbers are published examples or made to fit."""

LEFT = [
    "Order number 4000-0043-2859-5480 has not arrived.",
    "Tracking 9400 1000 0000 0000 0000 00",
    "Is GB82 WEST 1234 5698 7654 33 valid?",
    "Upgrade to version 10.4.2.18 please",
    "Update from 2.15.7.201 to 2.16.0.1",
    "v1.2.3.44 is out",
    "ISBN 0-306-40615-2 and 978-0-306-40615-7",
    "What is 415-555-0199?",
    "Calculate 536-22-1849",
    "x = 123456789 + 987654321",
    "Who was Nikola Tesla?",
    "Summarise Faust by Johann Wolfgang von Goethe.",
    "Compare Darwin and Lamarck.",
    "When did Napoleon Bonaparte die?",
    "Explain the theory of Albert Einstein.",
    "Write a poem in the style of Emily Dickinson.",
    "Write to [EMAIL] or <PHONE>.",
    "Dear [Name], Hello {name}",
    "name@example.com",
    "your.email@example.com",
    "test@example.com john.doe@example.com",
    "user@domain.com",
    "xxx-xx-xxxx 000-00-0000 123-45-6789",
    "(555) 555-5555 or 123-456-7890",
    'your_api_key_here YOUR_API_KEY api_key="YOUR_API_KEY"',
    'api_key = "xxxxxxxxxxxxxxxxxxxx"',
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "AKIAIOSFODNN7EXAMPLE",
    "The war ended on 8/5/1945.",
    "The meeting is on 12/03/2024.",
    "Founded on 4 July 1976.",
    "commit 9fceb02d0ae598e95dc970b74767f19372d6a1f3",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "uuid 123e4567-e89b-12d3-a456-426614174000",
    "It cost $1,234,567.89 in 2020.",
    "€ 1.234.567,89",
    "Meet at 40.7128, -74.0060",
    "lat 48.858370, lon 2.294481",
    "Part no. 415-555-0199-C",
    "SKU 12345-67890",
    "serial 1234-5678-9012",
    "ping 127.0.0.1 or 192.168.0.12 or 10.0.0.5",
    "bind to 0.0.0.0:8080, mask 255.255.255.0",
    "8.8.8.8 is Google's resolver",
    "std::vector<int> a; ns::f();",
    "time 12:30:45:10",
    "2024-05-17 12:34:56",
    "1 2 3 4 5 6 7 8 9 10",
    "1, 2, 3, 4, 5, 6, 7, 8",
    "[1234567, 2345678, 3456789]",
    "pi is 3.14159265358979",
    "3.1415926535 * 2.7182818284",
    "0xDEADBEEF 0x1234567890",
    "In 1929 Wall Street crashed.",
    "10 Downing Street",
    "Chapter 5 Green Hill",
    "5 Star Hotel Drive",
    "Tennis score 6-4 6-3 7-5",
    "phone model 123-4567",
    "RFC 2822, ISO 8601-1:2019",
    "bytes 00 1F 3A 4B 5C 6D",
    "1234 5678 9012 3456",
    "12345678",
    "Albert Einstein (born March 14, 1879)",
    "Taylor Swift was born on December 13, 1989.",
    'password = "password123"',
    "password: string",
    "const password = req.body.password;",
    "token = tokenizer.encode(text)",
    "https://user:password@example.com/",
    "postgres://user:pass@localhost/db",
    "10-digit number 9876543210",
    "2021-2022 1999-2000",
    "Room 12, Floor 3",
    "Model 3, Road 5",
    "population 8,336,817 in 2020",
    "18446744073709551615 is 2^64-1",
    "1000000007 is prime",
    "call f(1234567)",
    "the answer is 42 4242 4242",
    "zip 90210-1234",
    "9780306406157",
    "timestamp 1700000000",
    "id: 1234567890123456",
    "+1 +2 +3 = 6",
    "5 + 12345678 = ?",
    "hex ff:ff:ff:ff:ff:ff 00:00:00:00:00:00",
    "color #1234567",
    "NaN 1e-10 1.5e10",
    "192.0.2",
    "Figure 3.2.1.4 shows",
    "Section 4.12.3.1 applies",
]

NUMBERS = """
    12.345.678-9 529.982.247-26 11010519491231002Y 44051401358 2 55 08 14 168 025 39
    X1234567M RSSMRA85T10A562T 756.9217.0769.86 S1234567E HEGG560427MVZRRL05 736028/5164
    131052-308U 811228-9875
""".split()
"""Published examples with a wrong check digit."""


def find(text, names=True):
    return [(s.kind, text[s.start : s.end]) for s in BuiltinDetector(names=names).find(text)]


@pytest.mark.parametrize(("kind", "marked"), FOUND)
def test_a_value_is_found_from_its_first_character_to_its_last(kind, marked):
    text = marked.replace("⟦", "").replace("⟧", "")
    assert find(text) == [(kind, marked[marked.index("⟦") + 1 : marked.index("⟧")])]


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_a_value_is_left(text):
    assert find(text) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_a_national_number_with_a_wrong_check_digit_is_left(number):
    assert find(f"Mine is {number}") == []


def test_names_are_looked_for_on_request_only():
    text = "My name is Aiko Nakamura, a.nakamura@example.org."
    assert find(text, names=False) == [("email", "a.nakamura@example.org")]
    assert find(text) == [("person", "Aiko Nakamura"), ("email", "a.nakamura@example.org")]


def token(prefix, n, alphabet=string.ascii_letters + string.digits, seed=5):
    draw = random.Random(seed)
    return prefix + "".join(draw.choice(alphabet) for _ in range(n))


HEX = "0123456789abcdef"
TOKENS = [
    token("AKIA", 16, string.ascii_uppercase + string.digits),
    *(token(p, 36) for p in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    token("github_pat_", 82),
    *(token(p, 20) for p in ("glpat-", "gldt-", "glrt-", "glptt-")),
    "xoxb-" + token("", 11, string.digits) + "-" + token("", 24),
    token("xapp-1-A0", 40),
    *(token(p, 24) for p in ("sk_live_", "rk_live_", "pk_live_", "sk_test_")),
    token("whsec_", 32),
    *(token(p, 48) for p in ("sk-", "sk-proj-", "sk-ant-api03-", "sk-or-v1-", "sk-svcacct-")),
    token("AIza", 35),
    token("GOCSPX-", 28),
    token("ya29.", 60),
    token("hf_", 34),
    token("npm_", 36),
    token("pypi-AgEIcHlwaS5vcmc", 60),
    token("SG.", 22) + "." + token("", 43),
    token("shpat_", 32, HEX),
    token("dop_v1_", 64, HEX),
    token("dapi", 32, HEX),
    token("dckr_pat_", 27),
    token("", 9, string.digits) + ":AA" + token("", 33),
    token("lin_api_", 40),
    token("ntn_", 46),
    *(token(p, 52) for p in ("gsk_", "pplx-")),
    token("xai-", 80),
    token("r8_", 37),
    token("nvapi-", 64),
    token("hvs.", 24),
    token("NRAK-", 27, string.ascii_uppercase + string.digits),
    token("sbp_", 40, HEX),
    token("rubygems_", 48, HEX),
    token("tgp_v1_", 43),
]


@pytest.mark.parametrize("secret", TOKENS)
def test_a_token_is_found_by_its_makers_prefix(secret):
    assert find(f"I use {secret} here, why?") == [("api_key", secret)]


def test_forty_kinds_and_more_are_known():
    assert len(SECRETS) == len({s.maker for s in SECRETS}) >= 60
    assert {s.kind for s in SECRETS} <= set(FAMILY_OF)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('api_key = "q8Zr2LxV0bN5tYw7KdPm"', "q8Zr2LxV0bN5tYw7KdPm"),
        ("client_secret: 7c9e6679f7425a0b40de944be07fc1f9", "7c9e6679f7425a0b40de944be07fc1f9"),
        ("Authorization: Bearer mF_9.B5f-4.1JqM7xQz0LkWv", "mF_9.B5f-4.1JqM7xQz0LkWv"),
        ("my AWS secret access key is kW8xZ2mQ5vN1rT7yB4uL9pD3sF6gH0jAcEiRoXdV", None),
        (
            "AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A=;",
            "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A=",
        ),
    ],
)
def test_a_secret_is_found_by_what_it_is_assigned_to(text, secret):
    found = find(text)
    assert [kind for kind, _ in found] == ["api_key"]
    assert secret is None or found[0][1] == secret


def test_a_json_web_token_is_found_whole():
    jwt = ".".join(token("eyJ", n, seed=n) for n in (30, 60)) + "." + token("", 43)
    assert find(f"curl -H 'X-Auth: {jwt}'") == [("jwt", jwt)]


@given(st.text(alphabet="0123456789 -", min_size=0, max_size=40))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    spans = BuiltinDetector(names=True).find(f"call {text} card {text}")
    assert all(0 <= s.start < s.end <= 2 * len(text) + 11 for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@given(st.from_regex(r"[0-9]{11,18}", fullmatch=True))
def test_exactly_one_digit_makes_a_number_pass_luhn(number):
    assert sum(luhn(number + digit) for digit in string.digits) == 1


@given(st.from_regex(r"[0-9]{11}", fullmatch=True), st.integers(0, 10), st.integers(1, 9))
def test_verhoeff_sees_every_wrong_digit(number, place, step):
    check = next(digit for digit in string.digits if verhoeff(number + digit))
    wrong = str((int(number[place]) + step) % 10)
    assert not verhoeff(number[:place] + wrong + number[place + 1 :] + check)


def test_published_check_digits():
    assert verhoeff("2363")  # Wikipedia, Verhoeff algorithm: 236 has the check digit 3
    assert luhn("79927398713")  # Luhn's patent, as it is usually quoted
    assert mod97("WEST12345698765432GB82") == 1  # ISO 13616, the example of the United Kingdom


def test_entropy_is_counted_in_bits():
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
