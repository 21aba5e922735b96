from tests.assist.cli.conftest import Run


def test_a_user_is_added_once_with_a_password_shown_once(run: Run) -> None:
    run("db", "upgrade")
    result = run("users", "add", "Ana@Example.com", "--name", "Ana Sol", "--role", "agent", "--role", "lead")
    assert result.output.startswith("Added ana@example.com. Password, shown this once: ")
    again = run("users", "add", "ana@example.com", expect=1)
    assert "Traceback" not in again.output
    assert "ana@example.com" in again.stderr or "already" in again.stderr


def test_the_default_role_is_one(run: Run) -> None:
    run("db", "upgrade")
    run("users", "add", "ana@example.com")


def test_a_role_that_does_not_exist_is_answered_with_those_that_do(run: Run) -> None:
    result = run("users", "add", "ana@example.com", "--role", "king", expect=2)
    assert "'agent', 'lead'" in result.stderr


def test_a_new_password_is_another_one(run: Run) -> None:
    run("db", "upgrade")
    first = run("users", "add", "ana@example.com").output.split()[-1]
    second = run("users", "password", "ana@example.com").output.split()[-1]
    assert len(first) == len(second) > 15
    assert first != second


def test_nobody_gets_a_password_who_is_not_there(run: Run) -> None:
    run("db", "upgrade")
    assert run("users", "password", "bo@example.com", expect=1).stderr == "Error: Nobody has that e-mail.\n"


def test_what_is_no_e_mail_is_refused(run: Run) -> None:
    run("db", "upgrade")
    assert "Error: " in run("users", "add", "ana", expect=1).stderr
