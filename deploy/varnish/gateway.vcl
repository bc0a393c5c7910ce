# Varnish before the gateway: visitors' answers are kept for as long as the gateway says, and purged by surrogate key.
# Needs vmod xkey (Debian: varnish-modules). What the gateway is told: docs/webhooks.md, "The CDN".
vcl 4.1;

import xkey;

backend default {
    .host = "gateway";
    .port = "8000";
    .first_byte_timeout = 15s;
    .probe = { .url = "/readyz"; .interval = 5s; .timeout = 2s; .window = 3; .threshold = 1; .initial = 1; }
}

# Who may purge: the gateway's own addresses, and nobody from outside.
acl purgers {
    "localhost";
    "10.0.0.0"/8;
    "172.16.0.0"/12;
    "192.168.0.0"/16;
}

sub vcl_recv {
    if (req.method == "PURGE") {
        # A purge that came in from outside through another proxy would have the proxy's address.
        if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.xkey-purge) {
            return (synth(400, "xkey-purge names no key"));
        }
        set req.http.n-purged = xkey.purge(req.http.xkey-purge);
        return (synth(200, "Purged " + req.http.n-purged));
    }
    # The gateway reads no cookies, and the builtin rules keep nothing that was asked for with some.
    if (req.url ~ "^/graphql(\?|$)") {
        unset req.http.Cookie;
    }
    # Everything else is the builtin: only GET and HEAD are kept, and nothing that carries Authorization.
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Key) {
        set beresp.http.xkey = beresp.http.Surrogate-Key;
        # The gateway refreshes what it keeps by itself, and falls back on it when a backend fails.
        set beresp.grace = 5s;
    }
}

sub vcl_deliver {
    if (resp.http.xkey) {
        # A purge does not reach browsers: they ask each time, which by ETag costs a 304 from here.
        set resp.http.Cache-Control = "public, max-age=0, must-revalidate";
        unset resp.http.xkey;
        unset resp.http.Surrogate-Key;
        unset resp.http.Age;
    }
    if (obj.hits > 0) {
        set resp.http.X-Cache = "hit";
    } else {
        set resp.http.X-Cache = "miss";
    }
}
