"""Query strings, as the standard library writes them."""

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.queries import encoded_query

NAMES = st.sampled_from(["ids", "customer_ids", "include", "sort_by", "limit", "email"])
VALUES = st.text() | st.from_regex(r"[A-Za-z0-9_.~,:-]{0,20}\n?", fullmatch=True)


@given(params=st.dictionaries(NAMES, VALUES))
def test_as_urlencode_writes_them(params: dict[str, str]) -> None:
    """Whatever is in the values: spaces, ampersands, a newline at the end, letters of any script."""
    try:
        expected = urlencode(params, safe=",:")
    except UnicodeEncodeError:  # a lone surrogate, which no request has by the time that it is sent
        return
    assert encoded_query(params) == expected
