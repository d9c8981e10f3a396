"""What keys and tokens of some sixty makers look like."""

from __future__ import annotations

from typing import NamedTuple


class Secret(NamedTuple):
    """A kind of secret.

    Attributes:
        maker: Who makes it.
        literal: Texts in lower case, between bars; every one of these secrets has one of them.
        pattern: What it looks like; where the pattern has a group, that group is the secret.
        kind: The span's kind.
    """

    maker: str
    literal: str
    pattern: str
    kind: str = "api_key"


_W = r"[A-Za-z0-9_-]"
SECRETS: tuple[Secret, ...] = (
    Secret("AWS access key", "akia", r"AKIA[A-Za-z0-9]{16,40}"),
    Secret("AWS temporary key", "asia", r"ASIA[A-Za-z0-9]{16,40}"),
    Secret("GitHub classic", "ghp_", r"ghp_[A-Za-z0-9]{20,255}"),
    Secret("GitHub OAuth", "gho_", r"gho_[A-Za-z0-9]{20,255}"),
    Secret("GitHub user to server", "ghu_", r"ghu_[A-Za-z0-9]{20,255}"),
    Secret("GitHub server to server", "ghs_", r"ghs_[A-Za-z0-9]{20,255}"),
    Secret("GitHub refresh", "ghr_", r"ghr_[A-Za-z0-9]{20,255}"),
    Secret("GitHub fine-grained", "github_pat_", r"github_pat_\w{20,255}"),
    Secret("GitLab personal", "glpat-", rf"glpat-{_W}{{16,64}}"),
    Secret(
        "GitLab pipeline, runner, deploy",
        "glptt-|glrt-|gldt-|glcbt-|glsoat-|glft-|glimt-|glagent-",
        rf"gl(?:ptt|rt|dt|cbt|soat|ft|imt|agent)-{_W}{{16,64}}",
    ),
    Secret("Slack", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    Secret("Slack app", "xapp-", r"xapp-[A-Za-z0-9-]{20,250}"),
    Secret(
        "Slack webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/services/([A-Z0-9]{6,}/[A-Z0-9]{6,}/[A-Za-z0-9]{16,})",
    ),
    Secret("Stripe", "_live_", r"[srp]k_live_[A-Za-z0-9]{16,247}"),
    Secret("Stripe test", "_test_", r"[srp]k_test_[A-Za-z0-9]{16,247}"),
    Secret("Stripe webhook", "whsec_", r"whsec_[A-Za-z0-9+/=]{20,}"),
    Secret(
        "OpenAI, Anthropic, OpenRouter",
        "sk-",
        rf"sk-(?:proj-|svcacct-|admin-|test-|live-|ant-|or-v1-|lf-)?{_W}{{20,250}}",
    ),
    Secret("Google API", "aiza", rf"AIza{_W}{{30,40}}"),
    Secret("Google OAuth secret", "gocspx-", rf"GOCSPX-{_W}{{20,40}}"),
    Secret("Google access", "ya29.", rf"ya29\.{_W}{{20,}}"),
    Secret("Azure storage", "accountkey=", r"AccountKey=([A-Za-z0-9+/]{40,}={0,2})"),
    Secret("Azure shared access", "sharedaccesskey=", r"SharedAccessKey=([A-Za-z0-9+/]{30,}={0,2})"),
    Secret("Azure SAS", "sig=", r"[?&]sig=([A-Za-z0-9%+/]{30,}(?:%3D|=)?)"),
    Secret("Hugging Face", "hf_", r"hf_[A-Za-z0-9]{20,64}"),
    Secret("npm", "npm_", r"npm_[A-Za-z0-9]{30,48}"),
    Secret("PyPI", "pypi-", rf"pypi-{_W}{{30,250}}"),
    Secret("Twilio key", "sk", r"SK[0-9a-f]{32}"),
    Secret("Twilio account", "ac", r"AC[0-9a-f]{32}"),
    Secret("SendGrid", "sg.", rf"SG\.{_W}{{16,32}}\.{_W}{{16,64}}"),
    Secret("Mailgun", "key-", r"key-[0-9a-f]{32}"),
    Secret("Mailchimp", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    Secret("Shopify", "shp", r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}"),
    Secret("Square", "sq0", rf"sq0(?:atp|csp)-{_W}{{20,50}}"),
    Secret("Square access", "eaaa", rf"EAAA{_W}{{50,70}}"),
    Secret("Facebook", "eaac", r"EAAC[A-Za-z0-9]{60,}"),
    Secret("DigitalOcean", "_v1_", r"do[por]_v1_[0-9a-f]{40,64}"),
    Secret("Databricks", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    Secret("Docker", "dckr_pat_", rf"dckr_pat_{_W}{{20,64}}"),
    Secret("Telegram bot", ":aa", rf"\d{{8,10}}:AA{_W}{{30,40}}"),
    Secret("Discord bot", ".", r"[MNO][A-Za-z0-9_-]{23,26}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}"),
    Secret("Discord webhook", "api/webhooks/", rf"api/webhooks/(\d{{16,20}}/{_W}{{40,80}})"),
    Secret("Linear", "lin_api_", r"lin_api_[A-Za-z0-9]{32,48}"),
    Secret("Notion", "ntn_", r"ntn_[A-Za-z0-9]{30,60}"),
    Secret("Notion old", "secret_", r"secret_[A-Za-z0-9]{40,50}"),
    Secret("Airtable", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    Secret("Atlassian", "atatt3", rf"ATATT3{_W}{{50,}}=?[A-Z0-9]*"),
    Secret("Groq", "gsk_", r"gsk_[A-Za-z0-9]{30,64}"),
    Secret("xAI", "xai-", r"xai-[A-Za-z0-9]{40,90}"),
    Secret("Perplexity", "pplx-", r"pplx-[A-Za-z0-9]{30,64}"),
    Secret("Replicate", "r8_", r"r8_[A-Za-z0-9]{30,45}"),
    Secret("Fireworks, Together", "_v1_", r"tgp_v1_[A-Za-z0-9_-]{30,}"),
    Secret("NVIDIA", "nvapi-", rf"nvapi-{_W}{{40,80}}"),
    Secret("HashiCorp Vault", "hvs.", rf"hvs\.{_W}{{20,}}"),
    Secret("Terraform", ".atlasv1.", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_W}{{60,}}"),
    Secret("Grafana", "glc_|glsa_", rf"gl(?:c|sa)_{_W}{{30,}}"),
    Secret("New Relic", "nrak-", r"NRAK-[A-Z0-9]{20,32}"),
    Secret("Sentry", "sntry", r"sntry[su]_[A-Za-z0-9_=+/]{40,}"),
    Secret("Postman", "pmak-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    Secret("Supabase", "sbp_", r"sbp_[0-9a-f]{40}"),
    Secret("PlanetScale", "pscale_", rf"pscale_(?:pw|tkn|oauth)_{_W}{{30,}}"),
    Secret("RubyGems", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    Secret("Age key", "age-secret-key-", r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"),
    Secret("JSON web token", "eyj", rf"eyJ{_W}{{8,}}\.eyJ{_W}{{8,}}\.{_W}{{10,}}", "jwt"),
    Secret(
        "private key",
        "private key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,8000}?-----END [A-Z0-9 ]*PRIVATE "
        r"KEY(?: BLOCK)?-----",
        "private_key",
    ),
    Secret("bearer token", "bearer ", r"(?i:\bbearer) +([A-Za-z0-9._~+/-]{20,}=*)"),
    Secret(
        "basic login",
        "basic ",
        r"(?i:authorization['\"]?\s*[:=]\s*['\"]?basic) +([A-Za-z0-9+/]{12,}={0,2})",
        "password",
    ),
)
"""Prefixes from each maker's own documentation; lengths are wider than today's, since they change."""
