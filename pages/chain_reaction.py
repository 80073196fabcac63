"""Chain reaction: who pulls whom down, in which order, and where a missing dollar ends up."""

from pages.kit.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from core import picture  # noqa: E402
from pages.kit import cached, charts, claims, glossary, levers, network, numbers, state, story, tables, view  # noqa: E402
from pages.kit.catalogue import _, ngettext  # noqa: E402

scenario = state.scenario()
now, before = cached.read(scenario), cached.baseline()
(drawn, missing), (drawn_before, missing_before) = cached.web_picture(scenario), cached.baseline_picture()
chain, chain_before = picture.chain(now), picture.chain(before)
quarters, horizon = now["quarters"], scenario["h"]
st.markdown(story.sentence(chain, chain_before, horizon))
today = _("today's data: {count}")
counts = (
    (_("own doing"), str(len(chain.own)), str(len(chain_before.own))),
    (_("contagion"), str(len(chain.pulled)), str(len(chain_before.pulled))),
    (
        _("paid by guarantors to {year}").format(year=horizon),
        numbers.money(chain.called),
        numbers.money(chain_before.called),
    ),
)
with st.container(horizontal=True, gap="large"):
    for label, value, value_before in counts:
        delta = today.format(count=value_before)
        st.metric(label, value, delta, delta_color="off", delta_arrow="off", width="content")

# ---- the web, one quarter at a time
steps = {story.choice(step, quarters): step for step in picture.steps(now)}
moments = dict.fromkeys(quarters[event["quarter"]] for event in story.events(now))
falls = [quarters[event["quarter"]] for event in story.events(now) if event["event"] == "failure"]
first = next(iter((*falls, *moments)), quarters[now["last_quarter"]])
wanted = view.chosen("step", (first, *(key for key in (*steps, *quarters) if key != first)))
chosen = wanted if wanted in steps else first  # a shorter horizon keeps the choice for later
order = list(steps)
at = order.index(chosen)
earlier = [key for key in order[:at] if key.partition("-")[0] in moments]
later = [key for key in order[at + 1 :] if key.partition("-")[0] in moments]

web, told = st.columns([2.1, 1], gap="large")
with web:
    st.subheader(_("Who owes whom"), divider="gray", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Earlier break"),
            key="earlier",
            type="tertiary",
            icon=":material/chevron_left:",
            disabled=not earlier,
            on_click=view.choose,
            args=("step", earlier[-1] if earlier else chosen),
        )
        st.button(
            _("Next break"),
            key="later",
            type="tertiary",
            icon=":material/chevron_right:",
            disabled=not later,
            on_click=view.choose,
            args=("step", later[0] if later else chosen),
        )
    st.session_state["step_slider"] = chosen
    st.select_slider(
        _("Quarter"),
        order,
        key="step_slider",
        format_func=lambda key: story.moment(steps[key], quarters),
        on_change=lambda: view.choose("step", st.session_state["step_slider"]),
        label_visibility="collapsed",
    )
    step = steps[chosen]
    colours = network.legend()
    st.caption(
        " · ".join(
            (
                _("Circle: what it owes"),
                _("arrow: what is due this quarter"),
                f':color[┅]{{foreground="{colours["missed"]}"}} ' + _("not paid in full"),
                f':color[━]{{foreground="{colours["call"]}"}} ' + _("guarantor pays"),
                f':color[┈]{{foreground="{colours["call"]}"}} ' + _("guarantor stands behind"),
                ":red[⊗] " + _("failed"),
            )
        )
    )
    fig = network.network(
        story.spots(now, before, drawn, drawn_before, step), story.lines(now, drawn, drawn_before, step)
    )
    alt = _("Who owes whom in {quarter}, who has failed and who is called")
    charts.show(fig, key="web", alt=alt.format(quarter=story.moment(step, quarters)))
    due = [edge for edge in drawn if edge.owed[step.quarter] > picture.TINY]
    then = {(edge.payer, edge.payee, edge.kind): float(edge.owed[step.quarter]) for edge in drawn_before}
    tables.behind(
        {
            _("Payer"): [story.name(edge.payer) for edge in due],
            _("Payee"): [story.name(edge.payee) for edge in due],
            _("Owed, USD bn"): [float(edge.owed[step.quarter]) for edge in due],
            _("Paid, USD bn"): [float(edge.paid[step.quarter]) for edge in due],
            _("Owed on today's data"): [then.get((e.payer, e.payee, e.kind), 0.0) for e in due],
        },
        key="web",
    )

with told:
    st.subheader(story.moment(step, quarters), divider="gray", anchor=False)
    here = [e for e in story.events(now) if (e["quarter"], e["round"]) == (step.quarter, step.wave)]
    for event in here:
        st.markdown(story.event(event))
    for line in story.unpaid(drawn, step.quarter):
        st.markdown(f":small[{line}]")
    if not here and not story.unpaid(drawn, step.quarter):
        st.caption(_("Everything that is due in this quarter is paid."))
    st.subheader(_("Link by link"), divider="gray", anchor=False)
    with st.container(gap="xsmall"):
        for event in story.events(now):
            when = numbers.quarter(quarters[event["quarter"]])
            st.markdown(f":small[:gray[{when}] {story.event(event)}]")
    late = len(now["chain"]) - len(story.events(now))
    if late:
        text = ngettext("{count} more break after {year}.", "{count} more breaks after {year}.", late)
        st.caption(text.format(count=late, year=horizon))
    elif not story.events(now):
        st.caption(_("Nothing breaks before the end of {year}.").format(year=horizon))
    st.caption(
        _("A guarantee moves risk to the guarantor; it does not always make the whole safer."),
        help=_("A call can push the guarantor itself towards failure, and lenders who feel safe lend more."),
    )

# ---- the missing dollar
st.subheader(_("Where a dollar of missing rent ends up"), divider="gray", anchor=False)
if missing:
    one = story.tenant(missing)
    st.markdown(story.dollar(one, missing_before.get(one.tenant)))
    hues = story.colours(one)
    fig = network.sankey(
        one.flows,
        {key: story.place(key) for key in hues},
        hues,
        hover=[f"{story.place(a)} → {story.place(b)}: {story.cents(share)}" for a, b, share in one.flows],
    )
    charts.show(fig, key="dollar", alt=story.dollar(one, None).replace("**", ""))
    tables.behind(
        {
            _("From"): [story.place(source) for source, _target, _share in one.flows],
            _("To"): [story.place(target) for _source, target, _share in one.flows],
            _("Share of the dollar"): [share for _source, _target, share in one.flows],
        },
        key="dollar",
        note=_(
            "Lenders bear at most what they lose at that landlord; what is left falls on its cash and owners."
        ),
    )
else:
    st.caption(_("No tenant misses rent before the end of {year}.").format(year=horizon))
    levers.try_this(("pause", "google_walks", "glut"))
st.caption(
    _(
        "Building reacts to demand a year late: shortage calls up capacity that arrives in the next glut, as "
        "farmers once bred pigs when pork was dear. So more demand now can mean a deeper fall later."
    )
)
glossary.explain("clearing", "contagion", "backstop", "re_letting", "neocloud", "spv", "tranche", "recovery")
claims.table("chain_reaction")
