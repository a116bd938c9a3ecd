"""Files that keys write: the report, a picture of the screen, a recording."""

from kmodtop_core.errors import SourceError
from kmodtop_core.plain import harmless

from ..session import saving
from ..session.tee import Tee
from ..view.view import Page
from .base import Base


class Files(Base):
    """Written into the user's state folder."""

    def action_copy(self) -> None:
        """The text report to the terminal's clipboard (OSC 52), and to a file for those without."""
        text = saving.report_text(self.shown, self.view)
        if text is None:
            self.note("nothing to copy yet")
            return
        # A terminal never answers whether it took it, and many, and tmux as it comes, do not.
        self.copy_to_clipboard(text)
        told = saving.save("kmodtop-report.txt", text, "report written to")
        self.note(f"{told}; sent to the clipboard too, if the terminal takes it")

    def action_picture(self) -> None:
        """The screen as a picture (SVG)."""
        self.note(saving.save("kmodtop-screen.svg", self.export_screenshot(), "picture saved as"))

    def action_record(self) -> None:
        """Into a file: all that was seen since the start, and what comes."""
        if self.tee is not None:
            self.note(f"records into {harmless(self.tee.path)} already")
            return
        if self.travel.is_replay or self.view.choice.page == Page.HOSTS:
            host = "open a host first; one is recorded at a time"
            self.note(
                host if self.view.choice.page == Page.HOSTS else "this is a recording already"
            )
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
