"""Stories of the children and teenagers; PHQ-9 and GAD-7 are given from twelve on."""

from __future__ import annotations

from gateway.sample.calendar import Slot
from gateway.sample.people import ADAEZE, CHILD_PSYCHIATRIST, FAMILY_DOCTOR, SALEM, TEO
from gateway.sample.story import Aim, Course, Drug, Entry, Plan, Reaction, Screen, Story, Trouble, Work

MILO = Story(
    who="milo",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(0, 15, 30),
    form="family",
    missed=((6, "cancelled"),),
    troubles=(Trouble("separation", "Separation anxiety disorder of childhood", "F93.0", -20, note="Began after the move in spring. Worst on Mondays."),),
    plans=(
        Plan(
            issues="Milo cannot stay at school past nine without calling home. Stomach aches on school mornings, sleeps in his parents' room.",
            recommendation="Family sessions weekly; brave steps at drop-off, agreed with the school.",
            aims=(
                Aim("drop-off", "Says goodbye at the school door on four mornings of five, without a call home before lunch", "improving", problems=("separation",)),
                Aim("own-bed", "Sleeps in his own bed five nights a week", "in-progress", problems=("separation",)),
            ),
            works=(
                Work("family", "Family psychotherapy", "108313002"),
                Work("ladder", "Brave steps: one small goodbye a day, drawn on the ladder", kind="homework", rhythm=(1, 1, "d")),
                Work("school", "Phone call with the school counselor", kind="coordination", rhythm=(1, 2, "wk")),
            ),
        ),
    ),
    reactions=(Reaction("peanut", "Peanuts", "Hives, lip swelling", "severe"),),
    entries=(
        Entry(1, "Milo, both parents. He hid under the desk for the first ten minutes and told us the plot of a film from there. Agreed that Dad does drop-off this week."),
        Entry(4, "Two calls home this week instead of nine. Milo says the worry is 'a seagull that wants my sandwich'. We are going with the seagull."),
        Entry(8, "Slept in his own bed Thursday through Saturday. Parents disagree about the night light; settled on the small one. Practised a goodbye of ten seconds, then five."),
        Entry(12, "Four good mornings of five. The fifth was a substitute teacher, which we all agreed does not count. Parents to drop the noon text."),
    ),
)

JONAH = Story(
    who="jonah",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(1, 16),
    place=SALEM,
    missed=((3, "no-show"), (7, "cancelled")),
    troubles=(
        Trouble("ptsd", "Post-traumatic stress disorder", "F43.10", -30),
        Trouble("custody", "Child in welfare custody", "Z62.21", -30, note="Agency holds legal custody; the foster mother brings him."),
    ),
    plans=(
        Plan(
            issues="Startles at raised voices, nightmares three or four nights a week, hoards food in his backpack.",
            recommendation="Individual work weekly with the foster mother for the last fifteen minutes. Updates to the agency monthly, by the guardian's release only.",
            aims=(
                Aim("nights", "No more than one nightmare a week for a month", "improving", problems=("ptsd",)),
                Aim("loud", "Uses one of his three calm-down moves when voices rise, three times of four", "in-progress", problems=("ptsd",)),
                Aim("feelings", "Names what he feels with a word other than 'fine' in every session", "achieved", status="completed"),
            ),
            works=(
                Work("cbt", "Cognitive and behavioral therapy", "228557008"),
                Work("coping", "Coping support with the foster mother", "385724002", "education"),
                Work("snack", "Snack drawer of his own, always full", kind="self-care", rhythm=(1, 1, "d")),
            ),
        ),
    ),
    drugs=(Drug("guanfacine", "Guanfacine ER 2 mg", "862013", "One tablet at bedtime", -10, CHILD_PSYCHIATRIST, note="Foster mother keeps and gives it."),),
    entries=(
        Entry(1, "First hour with the new foster mother present. Jonah checked both exits, then chose the chair by the window. Built a wall of blocks and let me put one on it."),
        Entry(5, "Nightmares down to two by the foster mother's calendar. He asked whether the drawer would 'still be there Friday'. It will."),
        Entry(9, "Door slammed in the hallway. He froze, then did the turtle breath by himself and told me he had. High five."),
        Entry(11, "Visit with his mother was cancelled by the agency the day before. Angry, not scared, and said so in words. Drew the bus that did not come."),
    ),
    process_notes=(9,),
)

PRIYA = Story(
    who="priya",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(2, 15, 30),
    place=SALEM,
    other_modes=((5, "video"), (9, "video")),
    missed=((4, "cancelled"),),
    troubles=(
        Trouble("adhd", "Attention-deficit hyperactivity disorder, combined type", "F90.2", -150),
        Trouble("panic", "Panic disorder", "F41.0", -12),
    ),
    courses=(Course("gad-7", 14, 6, "early", 1, "panic"), Course("phq-9", 8, 5, "steady", 2, "restless")),
    plans=(
        Plan(
            issues="Panic attacks before tests, the last one in the nurse's office. Loses homework she has done.",
            recommendation="Weekly sessions through the term; one joint hour with her father each month.",
            aims=(
                Aim("gad", "GAD-7 at 5 or below", "improving", "gad-7", 5, ("panic",)),
                Aim("tests", "Sits through two tests in a row without leaving the room", "achieved", problems=("panic",)),
                Aim("homework", "Hands in what she has finished, eight times of ten", "in-progress", problems=("adhd",)),
            ),
            works=(
                Work("cbt", "Cognitive and behavioral therapy", "228557008"),
                Work("ride-out", "Ride out one wave a day without checking her pulse", kind="homework", rhythm=(1, 1, "d")),
            ),
        ),
    ),
    drugs=(
        Drug("methylphenidate", "Methylphenidate 10 mg", "1091150", "One tablet on school mornings, one at noon", -90, CHILD_PSYCHIATRIST, note="Skips the noon one on weekends."),
        Drug("propranolol", "Propranolol 10 mg", "856448", "One tablet an hour before an exam, if needed", 3, FAMILY_DOCTOR, "completed", 9, taken=None),
    ),
    reactions=(Reaction("amoxicillin", "Amoxicillin", "Rash as a toddler", "mild", "presumed"),),
    entries=(
        Entry(2, "Mapped last month's attacks. All five began with counting heartbeats. Priya noticed that before I did."),
        Entry(6, "Ran up the stairs on purpose to get her heart going, twice, laughing the second time. Chemistry test is on Friday."),
        Entry(7, "Stayed for the whole chemistry test. 'It peaked at question four and then got bored.' Father very proud, she less keen on him saying so."),
        Entry(12, "One wave in two weeks, ridden out on the bus. Turned to homework: the finished sheets live in three bags. Going down to one bag."),
    ),
)

KAI = Story(
    who="kai",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(3, 16),
    other_modes=((2, "video"), (8, "video")),
    troubles=(Trouble("depression", "Major depression, single episode, moderate", "F32.1", -16),),
    courses=(Course("phq-9", 18, 9, "setback", 1, "low", ((1, 1), (6, 1), (7, 1))), Course("gad-7", 11, 7, "steady", 2)),
    plans=(
        Plan(
            issues="Low since the fall, stopped going to orchestra, sleeps until noon. Being called by the old name at home is sore every time.",
            recommendation="Weekly individual sessions; parents in for the first ten minutes every other week.",
            aims=(
                Aim("phq", "PHQ-9 at 5 or below", "improving", "phq-9", 5, ("depression",)),
                Aim("viola", "Back at orchestra once a week", "improving", problems=("depression",)),
                Aim("home", "Parents use Kai's name and pronouns, and mend it without a speech when they slip", "in-progress"),
            ),
            works=(
                Work("ipt", "Interpersonal psychotherapy", "443730003"),
                Work("parents", "Ten minutes with the parents", "385726000", "education", (1, 2, "wk")),
                Work("activity", "Three things a week that are not the phone", kind="homework", rhythm=(3, 1, "wk")),
            ),
        ),
    ),
    drugs=(Drug("fluoxetine", "Fluoxetine 20 mg capsule", "310385", "One capsule in the morning", -4, CHILD_PSYCHIATRIST),),
    screens=(
        Screen(1, ("wish",), note="Wishes not to wake up, some mornings. No thoughts of doing anything. Parents know."),
        Screen(6, ("wish", "thoughts"), note="After the fight at home. No method, no intent. Plan gone over together, mother joined."),
        Screen(10),
    ),
    entries=(
        Entry(1, "Kai speaks quietly and precisely. Showed me the drawings before saying much. Went through the safety plan; they added the dog under reasons."),
        Entry(6, "Bad week. Fight at home about the school form with the old name on it. Screened, see there. Mother came in for the end and did the listening well."),
        Entry(9, "Went to orchestra, sat in the back, stayed. Father has put a coin jar on the counter for slips; it is filling slower."),
        Entry(12, "Nine on the questionnaire, second week running. Kai does not trust it. We agreed that it need not be trusted to be enjoyed."),
    ),
)

STORIES = (MILO, JONAH, PRIYA, KAI)
