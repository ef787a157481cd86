"""Stories of those between eighteen and thirty-five, among them the demo's client and the crisis."""

from __future__ import annotations

from gateway.sample.calendar import Slot
from gateway.sample.people import ADAEZE, HEALTH_CENTER, IMANI, PSYCHIATRIST, SALEM, TEO
from gateway.sample.story import Aim, Course, Drug, Entry, Plan, Reaction, Screen, Story, Trouble, Work

ANA = Story(
    who="ana",
    therapist=IMANI,
    slot=Slot(1, 17),
    other_modes=((4, "video"), (9, "video")),
    missed=((6, "cancelled"),),
    troubles=(
        Trouble("depression", "Major depression, recurrent, moderate", "F33.1", -22, note="Third episode; the first after her son was born, the second after the divorce."),
        Trouble("nights", "Sleeps badly after night shifts", "G47.26", -60, note="Rotating nights at the hospital."),
    ),
    courses=(Course("phq-9", 18, 12, "partial", 1, "sleepless"), Course("gad-7", 10, 8, "steady", 2, "worry")),
    plans=(
        Plan(
            issues="Third depression in eight years. Gets through her shifts and has nothing left for her son or herself. Cries in the car before going in.",
            history="Responded to sertraline and talking therapy in the second episode; stopped both when she felt well.",
            received="Twelve sessions here three years ago. Sertraline 50 mg again since the winter, prescribed by Dr. Haddad.",
            recommendation="Weekly sessions for twelve weeks, then look again. Ask Dr. Haddad whether the dose still fits: better at first, flat since week nine.",
            aims=(
                Aim("phq", "PHQ-9 below 5 and staying there for a month", "no-change", "phq-9", 4, ("depression",)),
                Aim("saturday", "One thing every Saturday with Mateo that is fun for both", "improving", problems=("depression",)),
                Aim("sleep", "Asleep within an hour of coming home from nights, four times of five", "in-progress", problems=("nights",)),
            ),
            works=(
                Work("cbt", "Cognitive and behavioral therapy", "228557008"),
                Work("activation", "Two planned pleasures a week, written down before and after", kind="homework", rhythm=(2, 1, "wk")),
                Work("prescriber", "Scores to the psychiatrist before each of his visits", kind="coordination", rhythm=(1, 1, "mo")),
            ),
        ),
    ),
    drugs=(
        Drug("sertraline", "Sertraline 50 mg", "312941", "Take one tablet (50 mg) by mouth once a day", -6, PSYCHIATRIST, note="Takes it with breakfast, which after nights is at six in the evening."),
        Drug("hydroxyzine", "Hydroxyzine 25 mg", "995258", "One tablet at bedtime if needed", -6, PSYCHIATRIST, "stopped", 5, taken=False, note="Too groggy to drive home; stopped it with Dr. Haddad's consent."),
    ),
    reactions=(Reaction("latex", "Latex", "Contact rash", "mild"), Reaction("sulfa", "Sulfonamide antibiotics", "Hives", "moderate", "presumed")),
    screens=(Screen(1), Screen(8)),
    entries=(
        Entry(1, "Ana knows what this is: 'the grey one is back'. Reviewed what worked last time. She stopped everything too early then and would like not to do that again."),
        Entry(3, "Went to the harbor with Mateo and two ice creams. Enjoyed eleven minutes of it by her count. We wrote down eleven."),
        Entry(5, "Hydroxyzine makes her groggy on the drive home. She has called Dr. Haddad's office herself. Thought record on 'a good mother would not be this tired'."),
        Entry(8, "Better than at the start, no better than two weeks ago. Screened, nothing positive. She is disappointed and says it without tears."),
        Entry(12, "Twelve again. Four weeks level. Ana asks whether the tablets are 'doing the half they can do'. That is a question for Dr. Haddad; I will send the scores with a letter."),
    ),
)

ELIAS = Story(
    who="elias",
    therapist=ADAEZE,
    slot=Slot(0, 11),
    place=SALEM,
    other_modes=((10, "emergency"), (11, "phone")),
    missed=((4, "no-show"),),
    troubles=(
        Trouble("depression", "Major depression, single episode, severe, without psychotic features", "F32.2", -14),
        Trouble("ideation", "Suicidal ideation", "R45.851", 10),
    ),
    courses=(Course("phq-9", 13, 16, "crisis", 1, "low", ((8, 1), (9, 2), (10, 3), (11, 2), (12, 1))),),
    plans=(
        Plan(
            issues="Lost his kitchen job in the winter and then his apartment; on his sister's sofa. Ashamed, sleeps four hours.",
            recommendation="Twice a week until the risk has been low for a month. Safety plan looked at in every session.",
            aims=(
                Aim("safe", "No suicidal thoughts with a plan; calls someone on his list before the third hour of a bad night", "in-progress", problems=("ideation",)),
                Aim("phq", "PHQ-9 below 10", "worsening", "phq-9", 9, ("depression",)),
                Aim("work", "Two shifts a week somewhere kind", "in-progress", problems=("depression",)),
            ),
            works=(
                Work("dbt", "Dialectical behavior therapy", "405780009", rhythm=(2, 1, "wk")),
                Work("crisis", "Crisis intervention with follow-up", "5694008", rhythm=None),
                Work("sister", "Evening phone call with his sister", kind="self-care", rhythm=(1, 1, "d")),
            ),
        ),
    ),
    drugs=(Drug("escitalopram", "Escitalopram 10 mg", "349332", "One tablet in the morning", 11, HEALTH_CENTER, note="A week's supply at a time, his sister keeps the bottle."),),
    screens=(
        Screen(1, note="Nothing positive. Tired rather than hopeless, his words."),
        Screen(9, ("wish", "thoughts"), note="Thoughts in passing, at night. Agreed on calls and on Monday's hour."),
        Screen(10, ("wish", "thoughts", "method", "intent", "plan"), "high", "Has a place and a time in mind. Agreed to go to the emergency department now; his sister came to drive. Charge desk called first."),
        Screen(11, ("wish", "thoughts"), "moderate", "By phone, day after discharge. No plan, no intent since the hospital. Stays at his sister's."),
        Screen(12, ("wish",), note="Wish not to be here, fleeting. Bottle is with his sister."),
    ),
    entries=(
        Entry(2, "Came early, apologised for it. Talks about the kitchen as a family that moved away without him. Ate half of my crackers; took that as good news."),
        Entry(8, "Sleeping in two pieces of two hours. Item nine is no longer zero; asked plainly, answered plainly. Sees his sister as the one reason that does not argue back."),
        Entry(10, "Crisis session, ran over the hour. See the screening and the safety plan. He signed it and asked for a copy in his wallet. Left for Saint Brannoc with his sister at 12:20; spoke to the charge nurse myself."),
        Entry(11, "By phone. Kept overnight, home since yesterday. Voice slow but there. Read the safety plan to me from his wallet; changed one name on it."),
        Entry(12, "In person again. Washed his whites and ironed them 'in case'. A friend's diner wants him for two mornings. Risk low today, next hour on Thursday."),
    ),
)

SAM = Story(
    who="sam",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(1, 18),
    place=SALEM,
    mode="video",
    other_modes=((11, "in-person"), (12, "in-person")),
    troubles=(Trouble("social", "Social anxiety disorder", "F40.10", -300),),
    courses=(Course("gad-7", 15, 7, "late", 1, "tense"), Course("phq-9", 7, 4, "steady", 2, "numb")),
    plans=(
        Plan(
            issues="Avoids the front desk at the library, meals with others and the telephone. Does the stacks alone, and well.",
            recommendation="Weekly by video, in the room when he wants to try it.",
            aims=(
                Aim("gad", "GAD-7 at 5 or below", "improving", "gad-7", 5, ("social",)),
                Aim("desk", "One shift a week at the front desk", "improving", problems=("social",)),
            ),
            works=(Work("behavioral", "Behavioral psychotherapy: steps toward the front desk", "183382003"), Work("call", "One telephone call a week to a stranger", kind="homework")),
        ),
    ),
    entries=(
        Entry(1, "Camera off, which is fine. Made the ladder: eleven rungs, the desk on top, ordering a sandwich at the bottom."),
        Entry(5, "Camera on for four minutes. Ordered the sandwich. It came with the wrong cheese and he ate it rather than say so; that is rung two."),
        Entry(8, "Something has moved. Covered the desk for a colleague's break, ten minutes, one question about large print. Knew the answer."),
        Entry(11, "First time in the room. Sat near the door, moved once. 'You are taller on the computer.' Testing with the psychologist no longer needed, told them so."),
    ),
)

AOIFE = Story(
    who="aoife",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(4, 13),
    place=SALEM,
    missed=((7, "cancelled"),),
    troubles=(Trouble("ocd", "Obsessive-compulsive disorder, mixed thoughts and acts", "F42.2", -180),),
    courses=(Course("gad-7", 13, 7, "sudden", 1, "worry"), Course("phq-9", 11, 6, "sudden", 2)),
    plans=(
        Plan(
            issues="Two hours of washing and checking a day since she moved into the dormitory. Late for every lab.",
            recommendation="Weekly, with one longer session in the second month. Asked for a psychiatric opinion.",
            aims=(
                Aim("lab", "On time for the Tuesday lab, three weeks running", "achieved", problems=("ocd",), status="completed"),
                Aim("gad", "GAD-7 at 5 or below", "improving", "gad-7", 5, ("ocd",)),
                Aim("wash", "Washing under twenty minutes a day", "improving", problems=("ocd",)),
            ),
            works=(
                Work("cbt", "Cognitive and behavioral therapy", "228557008"),
                Work("exposure", "Touch the door handle, wait for the number to fall by half", kind="homework", rhythm=(2, 1, "d")),
            ),
        ),
    ),
    drugs=(Drug("fluoxetine", "Fluoxetine 20 mg capsule", "310385", "Two capsules in the morning", -8, PSYCHIATRIST),),
    entries=(
        Entry(1, "Aoife has read everything there is and would like to do the treatment to herself. Agreed that she may be co-author."),
        Entry(5, "Held the lab's door handle for nine minutes. Eighty to thirty-five. She narrated it like a nature film."),
        Entry(9, "Home for a long weekend. Her gran's kitchen, nothing washed twice, and slept. A little homesick now instead of anxious."),
        Entry(12, "On time three Tuesdays in a row. Goal closed with a biscuit. Next one is harder: the shared shower."),
    ),
)

LEILANI = Story(
    who="leilani",
    therapist=IMANI,
    slot=Slot(4, 11),
    mode="video",
    other_modes=((1, "in-person"), (12, "in-person")),
    weeks=(1, 14),
    troubles=(Trouble("postpartum", "Postpartum depression", "F53.0", -5, note="Baby born eleven weeks before the first session."),),
    courses=(Course("phq-9", 16, 6, "steady", 1, "sleepless", left_open=((5, "appetite"),)), Course("gad-7", 12, 6, "early", 2, "worry")),
    plans=(
        Plan(
            issues="Cries daily since the second week after the birth, checks the baby's breathing all night, feels like a visitor in her own house.",
            recommendation="Weekly by video at nap time; Gannet Point asked to look at thyroid and iron.",
            aims=(
                Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4, ("postpartum",)),
                Aim("sleep", "Five hours in one piece, three nights a week, while her husband has the baby", "achieved", problems=("postpartum",)),
            ),
            works=(Work("ipt", "Interpersonal psychotherapy", "443730003"), Work("aunties", "One visit a week from the aunties, who bring food and leave", kind="self-care")),
        ),
    ),
    drugs=(Drug("vitamin", "Prenatal vitamin with iron", None, "One daily", -40, None, note="Over the counter."),),
    reactions=(Reaction("codeine", "Codeine", "Vomiting", "moderate", "unconfirmed"),),
    screens=(Screen(1, note="Nothing positive; no thoughts of harming the baby, asked directly."),),
    entries=(
        Entry(1, "Brought the baby, who slept through all of it. Leilani did not cry until I asked who looks after her."),
        Entry(4, "Husband takes the night until two. First stretch of five hours since the birth; she woke up frightened that something was wrong with everyone."),
        Entry(7, "Does not want tablets while nursing and has talked it through with Dr. Macalintal. Laughed, once, at the aunties' third casserole."),
        Entry(12, "In the room again. Baby awake this time and very interested in the lamp. Six on the questionnaire."),
    ),
)

JUNE = Story(
    who="june",
    therapist=IMANI,
    slot=Slot(3, 15),
    weeks=(11, 14),
    troubles=(Trouble("adjustment", "Adjustment disorder with mixed anxiety and depressed mood", "F43.23", 4, verification="provisional"),),
    courses=(Course("phq-9", 12, 11, "steady"), Course("gad-7", 12, 13, "steady", profile="tense")),
    plans=(
        Plan(
            week=12,
            until=24,
            status="draft",
            issues="Theater closed mid-season; June has lost the work and most of the people in one week. To be gone over together before it counts.",
            recommendation="Weekly for eight weeks, then decide.",
            aims=(Aim("gad", "GAD-7 below 8", "in-progress", "gad-7", 7, ("adjustment",), "proposed"), Aim("contacts", "Three old colleagues called", problems=("adjustment",), status="proposed")),
            works=(Work("brief", "Brief solution focused psychotherapy", "401157001", status="draft"),),
        ),
    ),
    entries=(Entry(11, "Intake, first half. Talks fast, draws while talking, apologises for both. Clear about what she wants: to stop waking at four.", "evaluation"),),
)

STORIES = (ANA, ELIAS, SAM, AOIFE, LEILANI, JUNE)
