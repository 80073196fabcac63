"""The picture of a link, 1200 x 630: a sentence, who stands how, what guarantors pay, and the date."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from pages.kit.drawing.charts import ACCENT, ALARM, INK, MUTED, PALE, PAPER
from pages.kit.server.said import TAGLINE, Said, Standing
from pages.kit.server.served import Faces
from pages.kit.words.catalogue import translations

WIDTH, HEIGHT, EDGE = 1200, 630, 60  # pixels
NAME = "Backstop"
# The sentence is as large as it can be in so many lines of such a height; it reads at 300 pixels wide.
SIZES, MOST_LINES, LEADING = range(64, 30, -2), 4, 1.22
HEAD, SENTENCE, SENTENCE_ROOM = (
    70,
    118,
    268,
)  # where the name stands, where the sentence begins, how high it is
ROW, BAR, GAP, RULE, FOOT = 404, 27, 9, 541, 574
SMALL, LABEL = 22, 25
NARROWEST = 13  # size of type that a long status shrinks to
HATCH, HATCHED = (
    9,
    ("supported", "renegotiated", "distressed", "stretched"),
)  # px between strokes; their codes
PAGE_INK = INK["light"]
REGULAR, SEMIBOLD, DISPLAY = 400, 600, 60  # weights of the faces; optical size of the largest type


def draw(said: Said, faces: Faces) -> bytes:
    """Draw the card of what is said, as a PNG; without faces in the one that Pillow brings."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER["light"])
    pen = ImageDraw.Draw(picture)
    right = WIDTH - EDGE
    pen.text((EDGE, HEAD), NAME, PAGE_INK, _serif(faces, 34, SEMIBOLD), anchor="lm")
    small, bold = _sans(faces, SMALL), _sans(faces, SMALL, SEMIBOLD)
    tagline = translations(said.language).gettext(TAGLINE)
    if tagline != said.sentence:
        pen.text((right, HEAD + 4), tagline, MUTED["light"], small, anchor="rm")
    room = SENTENCE_ROOM if said.standing else RULE - SENTENCE
    font, lines = _fitted(said.sentence, faces, room)
    step = font.size * LEADING
    top = SENTENCE + (room - step * len(lines)) / 2 + step / 2
    for number, line in enumerate(lines):
        pen.text((EDGE, top + number * step), _cut(line, font, right - EDGE), PAGE_INK, font, anchor="lm")
    if said.standing:
        _row(picture, pen, said.standing, faces)
    pen.line([(EDGE, RULE), (right, RULE)], PAGE_INK, 2)
    below, font = (said.calls, bold) if said.calls else (said.rest, small)
    wide = right - EDGE
    dated = _cut(said.dated, small, max(wide / 2, wide - font.getlength(below.replace("\n", " ")) - SMALL))
    room = wide - small.getlength(dated) - (SMALL if dated else 0)
    pen.text((EDGE, FOOT), _cut(below, font, room), PAGE_INK, font, anchor="lm")
    pen.text((right, FOOT), dated, MUTED["light"], small, anchor="rm")
    file = BytesIO()
    picture.quantize(64, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _row(
    picture: Image.Image, pen: ImageDraw.ImageDraw, standing: tuple[Standing, ...], faces: Faces
) -> None:
    """Draw the companies side by side: a bar, the name, and how each stands."""
    wide = (WIDTH - 2 * EDGE - GAP * (len(standing) - 1)) / len(standing)
    names = _narrowed([one.name for one in standing], wide, faces, LABEL, SEMIBOLD)
    longest = [max(one.words.split(" "), key=len) for one in standing]  # of what goes on two lines if it must
    told = _narrowed(longest, wide, faces, SMALL, REGULAR)
    for place, one in enumerate(standing):
        x = EDGE + place * (wide + GAP)
        box = (round(x), ROW, round(x + wide), ROW + BAR)
        colour = _bar(picture, pen, box, one.code)
        pen.text((x, ROW + BAR + 25), _cut(one.name, names, wide), PAGE_INK, names, anchor="lm")
        for number, line in enumerate(_wrapped(one.words, told, wide)[:2]):
            line = _cut(line, told, wide)
            pen.text((x, ROW + BAR + 56 + number * LABEL), line, colour, told, anchor="lm")


def _bar(picture: Image.Image, pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], code: str) -> str:
    """Draw the bar of a company and return the colour of its words: full, hatched or plain."""
    colour = {"failed": ALARM, "supported": ACCENT, "holds": ACCENT}.get(code, MUTED)["light"]
    if code in HATCHED:
        fine = 4  # drawn larger and made smaller, so that strokes are smooth
        wide, high = (box[2] - box[0]) * fine, (box[3] - box[1]) * fine
        tile = Image.new("RGB", (wide, high), PAPER["light"])
        strokes = ImageDraw.Draw(tile)
        for x in range(-high, wide, HATCH * fine):
            strokes.line([(x, high), (x + high, 0)], colour, 3 * fine)
        strokes.rectangle([0, 0, wide - 1, high - 1], outline=colour, width=2 * fine)
        picture.paste(tile.resize((wide // fine, high // fine), Image.Resampling.LANCZOS), box[:2])
    elif code == "failed":
        pen.rectangle([box[0], box[1], box[2] - 1, box[3] - 1], fill=colour)
    else:
        pen.rectangle([box[0], box[1], box[2] - 1, box[3] - 1], fill=PALE["light"], outline=colour, width=2)
    return colour


def _fitted(text: str, faces: Faces, room: float) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest type in which a sentence fits, and its lines; what is too long ends in "…"."""
    for size in SIZES:
        font = _serif(faces, size, REGULAR)
        lines = _wrapped(text, font, WIDTH - 2 * EDGE)
        if len(lines) <= MOST_LINES and len(lines) * size * LEADING <= room:
            return font, lines
    kept = lines[:MOST_LINES]
    return font, [*kept[:-1], f"{kept[-1].rstrip(' .,;')} …"]


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """Return a line as far as it fits, on one line whatever it holds."""
    line = text.replace("\n", " ")
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in text.replace("\n", " ").split(" "):  # a no-break space holds together what it joins
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _narrowed(texts: list[str], width: float, faces: Faces, size: int, weight: int) -> ImageFont.FreeTypeFont:
    """Return the type in which all of some texts fit into a width; down to the narrowest."""
    font = _sans(faces, size, weight)
    longest = max(font.getlength(text) for text in texts)
    return _sans(faces, max(NARROWEST, min(size, int(size * width / max(longest, 1)))), weight)


def _serif(faces: Faces, size: int, weight: int) -> ImageFont.FreeTypeFont:
    return _font(faces.serif, size, [weight, DISPLAY])


def _sans(faces: Faces, size: int, weight: int = REGULAR) -> ImageFont.FreeTypeFont:
    return _font(faces.sans, size, [weight])


def _font(file: bytes, size: int, axes: list[int]) -> ImageFont.FreeTypeFont:
    """Return a face at a size, which is nobody else's: a shared one would change its weight meanwhile."""
    if not file:
        return ImageFont.load_default(size)
    font = ImageFont.truetype(BytesIO(file), size)
    font.set_variation_by_axes(axes)
    return font
