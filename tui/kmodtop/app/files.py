"""Files that keys write: the report, a picture of the screen, a recording."""

from kmodtop_core.errors import SourceError
from kmodtop_core.plain import harmless

from ..session import saving
from ..session.tee import Tee
from ..view.panels.waiting import fixes
from ..view.view import Page
from .base import Base


class Files(Base):
    """Written into the user's state folder."""

    def action_copy(self) -> None:
        """The report to the terminal's clipboard (OSC 52), and to a file for those without; of
        the findings as Markdown, of a source that cannot be read what is to be done."""
        if self.view.choice.page == Page.HOSTS:
            self.note("open a host first; the report is of one")
            return
        self.settle()  # what was asked for may not have been shown yet
        is_unread = self.shown is None or self.shown.block is None
        if is_unread or self.view.choice.page == Page.DOCTOR:
            text: str | None = fixes(self.view.situation.checks)
            name = "kmodtop-fix.txt"
        elif self.view.choice.page == Page.FINDINGS:
            text, name = saving.markdown(self.shown, self.view), "kmodtop-findings.md"
        else:
            text, name = saving.report_text(self.shown, self.view), "kmodtop-report.txt"
        if not text:
            self.note("nothing to copy yet")
            return
        # A terminal never answers whether it took it, and many, and tmux as it comes, do not.
        self.copy_to_clipboard(text)
        told = saving.save(name, text, "written to")
        self.note(f"{told}; sent to the clipboard too, if the terminal takes it")

    def action_picture(self) -> None:
        """The screen as a picture (SVG)."""
        self.note(saving.save("kmodtop-screen.svg", self.export_screenshot(), "picture saved as"))

    def action_record(self) -> None:
        """Into a file: all that was seen since the start, and what comes."""
        if self.tee is not None:
            self.note(f"records into {harmless(self.tee.path)} already")
            return
        if self.view.choice.page == Page.HOSTS:
            self.note("open a host first; one is recorded at a time")
            return
        if self.travel.is_replay:
            self.note("this is a recording already")
            return
        path = saving.new_path("kmodtop-recording.db")
        try:
            self.tee = Tee(path)
        except SourceError as error:
            self.note(str(error))
            return
        self.tee.tell, self.kept = self.tell_from_thread, self.channel
        self.tees.append(self.tee)
        self.tee.keep_past(self.travel.items())
        self.set_view(self.view.knowing(recording=path))
        self.note(f"records into {harmless(path)}")

    def tell_from_thread(self, sentence: str) -> None:
        """For the tee's thread, which may still be there when the app has ended."""
        if self.is_running:
            self.call_later(self.note, sentence)
