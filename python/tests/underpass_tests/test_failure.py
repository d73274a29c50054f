from __future__ import annotations

import pickle

from underpass.failure import fail


def test_a_cell_shows_code_stage_message_and_fix() -> None:
    lines = fail("auth-refused", "auth", "The bastion refused.", "Add the key.")._render_traceback_()
    text = "\n".join(lines)
    assert [word in text for word in ("auth-refused", "stage: auth", "The bastion refused.", "Add the key.")]
    assert "Traceback" not in text


def test_a_script_sees_message_and_fix() -> None:
    assert str(fail("a", "b", "It broke.", "Mend it.")) == "It broke. Mend it."


def test_it_survives_being_sent_to_another_process() -> None:
    error = fail("a", "b", "c", "d", field="port")
    assert pickle.loads(pickle.dumps(error)).failure == error.failure
