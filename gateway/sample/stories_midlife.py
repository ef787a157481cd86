"""Stories of the middle years: a couple, a remission, one whom nothing has helped yet, one who is getting worse."""

from __future__ import annotations

from gateway.sample.calendar import Slot
from gateway.sample.people import ADAEZE, FAMILY_DOCTOR, HEALTH_CENTER, IMANI, JOEL, PSYCHIATRIST, SALEM
from gateway.sample.story import Aim, Course, Drug, Entry, Plan, Reaction, Screen, Story, Trouble, Work

CORINNE = Story(
    who="corinne",
    therapist=ADAEZE,
    slot=Slot(1, 10),
    mode="video",
    missed=((5, "cancelled"),),
    troubles=(Trouble("ptsd", "Post-traumatic stress disorder", "F43.10", -70, note="House fire; the alarm had no light."),),
    courses=(Course("phq-9", 14, 7, "steady", 2, "sleepless"), Course("gad-7", 15, 8, "partial", 2, "panic")),
    plans=(
        Plan(
            issues="Wakes every ninety minutes to look for smoke. Has not fired the big kiln since.",
            recommendation="Weekly by video with the same two ASL interpreters; written summaries in plain English after each hour, at her wish.",
            aims=(
                Aim("gad", "GAD-7 below 8", "improving", "gad-7", 7, ("ptsd",)),
                Aim("kiln", "Fires the big kiln with a friend in the room", "in-progress", problems=("ptsd",)),
            ),
            works=(Work("cbt", "Cognitive and behavioral therapy", "228557008"), Work("rounds", "One round of the house at night instead of four", kind="homework", rhythm=(1, 1, "d"))),
        ),
    ),
    drugs=(Drug("prazosin", "Prazosin 1 mg", "312593", "One capsule at bedtime", -3, PSYCHIATRIST),),
    reactions=(Reaction("penicillin", "Penicillin", "Hives as a child", "moderate", "unconfirmed"),),
    entries=(
        Entry(1, "Interpreter: Ms. Ferris. Corinne told the night once, whole, at her own speed, and asked us both not to look sorry."),
        Entry(6, "Interpreter late; we typed for ten minutes and laughed about our spelling. Two rounds a night now. New alarms with strobes are in."),
        Entry(10, "Small kiln, alone, daytime: done. Hands shook, pot is fine. She has put it on the windowsill where the camera sees it."),
    ),
)

_COUPLE_ISSUES = "Two years of the same quarrel about time and his mother. Since the miscarriage they have stopped having it, which both find worse."
_COUPLE_NEXT = "Couple sessions weekly, each with one hour alone in the first month."
_COUPLE_WORKS = (
    Work("couple", "Psychotherapy with both", "75516001"),
    Work("walk", "One walk a week without telephones", kind="homework"),
)

NOOR = Story(
    who="noor",
    therapist=ADAEZE,
    slot=Slot(3, 18),
    form="couple",
    missed=((8, "cancelled"),),
    troubles=(Trouble("couple", "Problems in relationship with spouse or partner", "Z63.0", -100),),
    courses=(Course("phq-9", 11, 5, "late", 2, "low"),),
    plans=(
        Plan(
            title="Couple plan, Noor",
            issues=_COUPLE_ISSUES,
            recommendation=_COUPLE_NEXT,
            aims=(Aim("say", "Says what she needs before she is furious, twice a week", "improving", problems=("couple",)), Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4)),
            works=_COUPLE_WORKS,
        ),
    ),
    entries=(
        Entry(2, "Hour alone. Noor does sums when she is sad; she has worked out how many dinners they have eaten together this year. Forty-one."),
        Entry(9, "Both. Noor said 'I am at six of ten and climbing' before it got to ten. Tobias stopped talking. That is new on both sides."),
        Entry(12, "Both. They named the child, here, together. Long quiet. Walk planned to the place they meant to show it."),
    ),
)

TOBIAS = Story(
    who="tobias",
    therapist=ADAEZE,
    slot=Slot(3, 18),
    form="couple",
    missed=((8, "cancelled"),),
    troubles=(Trouble("couple", "Problems in relationship with spouse or partner", "Z63.0", -100),),
    courses=(Course("gad-7", 9, 4, "steady", 2, "tense"),),
    plans=(
        Plan(
            title="Couple plan, Tobias",
            issues=_COUPLE_ISSUES,
            recommendation=_COUPLE_NEXT,
            aims=(
                Aim("listen", "Hears her out for three minutes before he solves anything", "improving", problems=("couple",)),
                Aim("mother", "Tells his mother himself that Sunday is theirs", "achieved", problems=("couple",), status="completed"),
                Aim("gad", "GAD-7 below 5", "achieved", "gad-7", 4),
            ),
            works=_COUPLE_WORKS,
        ),
    ),
    entries=(
        Entry(3, "Hour alone. Conducts with one finger while he thinks. Says he fixes things because the one thing could not be fixed."),
        Entry(7, "Both. He rang his mother from the car last Sunday. She took it better than he did."),
    ),
)

MAREN = Story(
    who="maren",
    therapist=IMANI,
    slot=Slot(3, 12),
    missed=((9, "no-show"),),
    troubles=(Trouble("depression", "Major depression, recurrent, moderate", "F33.1", -190),),
    courses=(Course("phq-9", 16, 16, "stuck", 1, "numb"), Course("gad-7", 8, 8, "stuck", 2)),
    plans=(
        Plan(
            issues="Low for most of four years. Works, eats, sleeps, feels nothing in particular about any of it.",
            recommendation="Weekly cognitive work; look again after six weeks.",
            status="revoked",
            until=7,
            aims=(Aim("phq", "PHQ-9 at 8 or below", "no-progress", "phq-9", 8, ("depression",), "cancelled"), Aim("ledger", "Leaves work at five, three days a week", "achieved", status="completed")),
            works=(Work("cognitive", "Cognitive psychotherapy", "183383008", status="revoked"),),
        ),
        Plan(
            title="Treatment plan, second version",
            week=7,
            issues="Six weeks of cognitive work, done well and of no use. Maren says she can argue with any thought and feel the same afterwards.",
            received="Cognitive therapy here, six weeks. Venlafaxine 75 mg for a year; citalopram before it.",
            recommendation="Change the method, not only the homework: activity first, feelings later. Psychiatric opinion on the medication.",
            replaces=True,
            aims=(Aim("phq", "PHQ-9 below 10", "no-change", "phq-9", 9, ("depression",)), Aim("choir", "Two rehearsals at the choir she left", "in-progress", problems=("depression",))),
            works=(
                Work("behavioral", "Behavioral psychotherapy, activity first", "183382003"),
                Work("psychodynamic", "Psychodynamic psychotherapy, to be decided in the summer", "314034001", status="on-hold", rhythm=None),
            ),
        ),
    ),
    drugs=(
        Drug("venlafaxine", "Venlafaxine ER 75 mg", "313585", "One capsule with breakfast", -52, FAMILY_DOCTOR),
        Drug("citalopram", "Citalopram 20 mg", "200371", "One tablet daily", -110, FAMILY_DOCTOR, "stopped", -53, taken=False, note="No effect after five months."),
    ),
    entries=(
        Entry(3, "All worksheets filled in, in ink. 'They are correct,' she said, 'and it makes no difference.' I believe her."),
        Entry(7, "Wrote a new plan together. First flicker of interest when she crossed out the old one with a ruler."),
        Entry(10, "Missed last week, first time ever; forgot, she says, and was pleased to have forgotten something. Choir: stood outside, heard the altos, went home."),
        Entry(12, "Sixteen. Breakwater had no place until autumn and said so. Asked whether she would see someone further off; she will think about it."),
    ),
)

MARCUS = Story(
    who="marcus",
    therapist=JOEL,
    slot=Slot(0, 18),
    other_modes=((3, "phone"), (7, "phone"), (11, "phone")),
    troubles=(Trouble("gad", "Generalized anxiety disorder", "F41.1", -60),),
    courses=(Course("gad-7", 16, 5, "steady", 1, "worry"), Course("phq-9", 8, 3, "steady", 2)),
    plans=(
        Plan(
            issues="Checks the forecast forty times a day. Has never lost a passenger and thinks of little else.",
            recommendation="Weekly, by phone when the crossing runs late.",
            aims=(
                Aim("gad", "GAD-7 at 5 or below", "achieved", "gad-7", 5, ("gad",)),
                Aim("forecast", "Forecast at six, noon and six, and not between", "sustaining", problems=("gad",)),
            ),
            works=(Work("cbt", "Cognitive and behavioral therapy", "228557008"), Work("worry", "Worry time, fifteen minutes at five, on paper", kind="homework", rhythm=(1, 1, "d"))),
        ),
    ),
    drugs=(Drug("duloxetine", "Duloxetine 60 mg", "596934", "One capsule in the morning", -20, FAMILY_DOCTOR),),
    reactions=(Reaction("shellfish", "Shellfish", "Throat tightness", "severe"),),
    entries=(
        Entry(1, "Captain's voice, fisherman's hands, both of them gripping the chair. Wants to be told the odds. We will not be doing odds."),
        Entry(5, "Brought his worry paper: three pages on Monday, half a page on Friday. Wife has noticed; he had not told her he was coming."),
        Entry(9, "Gale last Wednesday. Cancelled the crossing, went home, slept. 'I did the job and then it was over.' Wrote that one down."),
        Entry(12, "Five. Every other week from here, he proposes. Agreed after one more."),
    ),
)

HECTOR = Story(
    who="hector",
    therapist=IMANI,
    slot=Slot(2, 16),
    rhythm=4,
    weeks=(4, 16),
    troubles=(Trouble("depression", "Major depression, recurrent, in full remission", "F33.42", -130, "remission", -20),),
    courses=(Course("phq-9", 4, 2, "steady", 4),),
    plans=(
        Plan(
            title="Plan to stay well",
            week=4,
            until=52,
            issues="Well for eight months. Comes once a month to keep it so.",
            recommendation="Monthly; call at once on the second bad week, not the sixth.",
            aims=(Aim("stay", "PHQ-9 stays below 5 through the winter", "sustaining", "phq-9", 4, ("depression",)), Aim("signs", "His wife and he know the three early signs by heart", "achieved", status="completed")),
            works=(Work("followup", "Management of mental health treatment", "410234004", rhythm=(1, 1, "mo")), Work("soccer", "Soccer with the brothers-in-law", kind="self-care")),
        ),
    ),
    drugs=(Drug("bupropion", "Bupropion XL 300 mg", "993557", "One tablet in the morning", -90, HEALTH_CENTER, "active", None, taken=True),),
    entries=(
        Entry(4, "Spanish and English by turns, as he likes. Sleeps, works, argues about offside. Early signs recited without a look at the card."),
        Entry(12, "Two. Asked whether he still needs us; told him that is exactly the right question and that we will ask it again after the winter."),
    ),
)

DMITRI = Story(
    who="dmitri",
    therapist=ADAEZE,
    slot=Slot(2, 13),
    place=SALEM,
    missed=((2, "no-show"),),
    troubles=(Trouble("bipolar", "Bipolar disorder", "F31.9", -600),),
    courses=(Course("phq-9", 12, 6, "sudden", 2, "sleepless"),),
    plans=(
        Plan(
            issues="Came out of a flat winter; wary of what spring does to him. Two hospital stays, the last nine years ago.",
            recommendation="Weekly through the change of season. Sleep diary goes to Dr. Haddad every month with his consent.",
            aims=(Aim("sleep", "In bed by midnight, six nights of seven", "improving", problems=("bipolar",)), Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4, ("bipolar",))),
            works=(Work("ipt", "Interpersonal psychotherapy and daily rhythm", "443730003"), Work("diary", "Sleep diary", kind="self-care", rhythm=(1, 1, "d"))),
        ),
    ),
    drugs=(
        Drug("lamotrigine", "Lamotrigine 100 mg", "198427", "One tablet twice a day", -300, PSYCHIATRIST),
        Drug("quetiapine", "Quetiapine 25 mg", "312744", "One or two tablets at night if sleep falls below five hours", -80, PSYCHIATRIST, "on-hold", None, taken=False, note="On hold since the ninth week; not needed."),
        Drug("lithium", "Lithium, dose not known", None, "Long ago, in hospital", -470, None, "unknown", None, taken=None),
    ),
    reactions=(Reaction("carbamazepine", "Carbamazepine", "Rash", "moderate"),),
    entries=(
        Entry(3, "Missed last week: a grand in Marblehead took him until midnight. We looked at that 'until midnight' together."),
        Entry(8, "Sleep back at seven hours. Tuned four uprights and turned down a fifth. Proud of the fifth."),
        Entry(12, "Bright today, talks in whole sentences, not too fast. His own check: not buying instruments. Diary sent."),
    ),
    process_notes=(8,),
)

TOMASZ = Story(
    who="tomasz",
    therapist=IMANI,
    slot=Slot(0, 9),
    missed=((8, "no-show"),),
    troubles=(Trouble("depression", "Major depression, single episode, moderate", "F32.1", -8),),
    courses=(Course("phq-9", 9, 19, "steady", 1, "low", ((9, 1), (10, 1), (11, 1), (12, 2))), Course("gad-7", 8, 12, "steady", 2, "tense")),
    plans=(
        Plan(
            issues="Laid off after twenty-six years at one lathe. Says he is fine; his wife says he sits in the car.",
            recommendation="Weekly. Scores are rising: psychiatric referral, urgent, and the safety plan gone over every time.",
            aims=(
                Aim("phq", "PHQ-9 below 8", "worsening", "phq-9", 7, ("depression",)),
                Aim("morning", "Out of the house by nine, four days a week", "not-achieved", problems=("depression",)),
                Aim("tell", "Tells his wife one true thing a day", "in-progress"),
            ),
            works=(
                Work("cbt", "Cognitive and behavioral therapy", "228557008"),
                Work("depression-care", "Depression care management with the health center", "768835002", "coordination", (1, 2, "wk")),
            ),
        ),
    ),
    drugs=(Drug("mirtazapine", "Mirtazapine 30 mg", "314111", "One tablet at bedtime", 6, HEALTH_CENTER, taken=False, note="Picked up, not started. Says he does not want to need it."),),
    screens=(
        Screen(1),
        Screen(9, ("wish",), note="Would not mind not waking up. No thoughts of doing anything."),
        Screen(11, ("wish", "thoughts"), note="Thoughts in the car. No method. Wife knows, at his request."),
        Screen(12, ("wish", "thoughts", "behavior_lifetime"), "moderate", "Told me of an attempt at nineteen, which nobody knew. No plan, no intent now."),
    ),
    entries=(
        Entry(2, "Sat very straight and answered what was asked. Brightened once, about tolerances of a hundredth of a millimeter."),
        Entry(7, "Worse by the numbers and by his face. Tablets are in the drawer. Did not argue; asked what the drawer would need to be a good place to take them from."),
        Entry(9, "Did not come last week, did not call. Came today because his wife drove. Item nine is one. Wrote the safety plan in two languages."),
        Entry(12, "Nineteen. Said out loud what happened at nineteen, too. Urgent referral to Breakwater written with him in the room. Next hour on Wednesday, not next week."),
    ),
)

STORIES = (CORINNE, NOOR, TOBIAS, MAREN, MARCUS, HECTOR, DMITRI, TOMASZ)
