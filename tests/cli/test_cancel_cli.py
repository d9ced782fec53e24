"""`tulen cancel` on a real chain: what was mined meanwhile, and what is not one's own."""

from cli_home import Home


def test_what_a_block_holds_is_not_cancelled(home: Home) -> None:
    file = home.write_application()
    application = home.tulen(
        "apply", file, "--reference", "cancel", "--json", who="exporter"
    ).answer["id"]
    assert home.tulen("recommend", application, who="officer-1").code == 0
    assert home.tulen("approve", application, who="officer-2").code == 0
    number = home.tulen("issue", application, "--json", who="officer-2").answer["number"]
    why = ("--reason", "error", "--note", "Weights were mis-stated")
    revoked = home.tulen("revoke", number, *why, "--json", who="officer-1")
    transaction = revoked.answer["transaction"]
    said = home.tulen("cancel", transaction, who="officer-1")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("too-late-to-cancel: ")
    said = home.tulen("cancel", transaction, who="priok")
    assert (said.code, said.err.partition(":")[0]) == (1, "not-found")
    said = home.tulen("cancel", "soon", who="officer-1")
    assert said.code == 2
    assert "neither a nonce nor the hash" in said.err
