"""Stories of those over fifty-five, and of two whose work here has ended."""

from __future__ import annotations

from gateway.sample.calendar import Slot
from gateway.sample.people import ADAEZE, FAMILY_DOCTOR, HEALTH_CENTER, IMANI, JOEL, SALEM, TEO
from gateway.sample.story import Aim, Course, Drug, Entry, Plan, Reaction, Screen, Story, Trouble, Work

LINH = Story(
    who="linh",
    therapist=IMANI,
    slot=Slot(2, 10),
    other_modes=((8, "phone"),),
    missed=((5, "cancelled"),),
    troubles=(Trouble("depression", "Major depression, single episode, moderate", "F32.1", -26, note="First spoke of it as heart pain; seen by cardiology, heart is sound."),),
    courses=(Course("phq-9", 15, 6, "early", 1, "sleepless"),),
    plans=(
        Plan(
            issues="Chest pain with a sound heart, no appetite, cries in the back room of the salon since her mother died overseas.",
            recommendation="Weekly with a Vietnamese interpreter in the room, not by telephone unless there is no other way.",
            aims=(
                Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4, ("depression",)),
                Aim("altar", "A place for her mother in the house, and the hundredth-day meal held here", "achieved", status="completed"),
            ),
            works=(Work("ipt", "Interpersonal psychotherapy", "443730003"), Work("education", "What depression does to the body", "410224008", "education", (1, 2, "wk"))),
        ),
    ),
    drugs=(Drug("escitalopram", "Escitalopram 10 mg", "349332", "One tablet in the evening", -7, HEALTH_CENTER),),
    entries=(
        Entry(2, "Interpreter: Mr. Đặng. Mrs. Linh asked whether talking is a treatment. Said: it is one, and that we would both notice if it were not."),
        Entry(6, "Chest pain twice this week instead of daily. Told how her mother salted fish. Interpreter needed a moment as well."),
        Entry(11, "Meal held, thirty people, too much food, as it should be. Seven. She is sleeping on her own side of the bed again."),
    ),
)

YUSUF = Story(
    who="yusuf",
    therapist=JOEL,
    slot=Slot(3, 10),
    place=SALEM,
    missed=((6, "no-show"),),
    troubles=(Trouble("ptsd", "Post-traumatic stress disorder, chronic", "F43.12", -400), Trouble("housing", "Inadequate housing", "Z59.10", -18, note="Mold, no heat in the bedroom.")),
    courses=(Course("phq-9", 15, 10, "setback", 1, "sleepless"), Course("gad-7", 13, 9, "setback", 2, "panic")),
    plans=(
        Plan(
            issues="Sleeps in a chair facing the door. Was a pharmacist; now explains the labels to the neighbors.",
            recommendation="Weekly with an Arabic interpreter whom he has chosen. Housing first: no one sleeps in that room.",
            aims=(
                Aim("bed", "Sleeps in a bed, four nights a week", "in-progress", problems=("ptsd", "housing")),
                Aim("phq", "PHQ-9 below 8", "improving", "phq-9", 7, ("ptsd",)),
                Aim("heat", "Heat in the bedroom", "in-progress", problems=("housing",)),
            ),
            works=(Work("cbt", "Cognitive and behavioral therapy", "228557008"), Work("tern", "Weekly call with Tern House about the apartment", kind="coordination")),
        ),
    ),
    drugs=(Drug("prazosin", "Prazosin 1 mg", "312593", "One capsule at bedtime", -15, HEALTH_CENTER),),
    reactions=(Reaction("ibuprofen", "Ibuprofen", "Stomach bleeding", "severe"),),
    entries=(
        Entry(1, "Interpreter: Mrs. Nassar. He corrected her gently on the name of a medicine, in both languages. Good beginning."),
        Entry(7, "Inspection notice frightened him; a uniform at the door. Missed the hour because of it. Chair again all week."),
        Entry(11, "Tern House has the landlord's promise in writing. He has moved the chair beside the bed. Sits on the bed to put his shoes on, he says, as a start."),
    ),
)

INGRID = Story(
    who="ingrid",
    therapist=JOEL,
    slot=Slot(4, 9),
    mode="phone",
    other_modes=((1, "in-person"), (6, "video")),
    troubles=(Trouble("insomnia", "Primary insomnia", "F51.01", -40), Trouble("gad", "Generalized anxiety disorder", "F41.1", -40)),
    courses=(Course("gad-7", 12, 7, "partial", 1, "tense"), Course("phq-9", 9, 7, "steady", 2, "sleepless")),
    plans=(
        Plan(
            issues="Awake from two to five since she retired. Keeps a log of it with customs-house precision.",
            recommendation="Weekly by phone; sleep first.",
            aims=(Aim("sleep", "Six hours in bed, five of them asleep, for two weeks", "improving", problems=("insomnia",)), Aim("gad", "GAD-7 at 5 or below", "improving", "gad-7", 5, ("gad",))),
            works=(Work("cbt", "Cognitive and behavioral therapy for sleep", "228557008"), Work("log", "Log in the morning, never at night", kind="homework", rhythm=(1, 1, "d"))),
        ),
    ),
    drugs=(
        Drug("zolpidem", "Zolpidem 5 mg", "854876", "One tablet at bedtime", -35, FAMILY_DOCTOR, "stopped", 4, taken=False, note="Walked in her sleep once."),
        Drug("trazodone", "Trazodone 50 mg", "856377", "Half a tablet to one at bedtime", 5, FAMILY_DOCTOR),
    ),
    entries=(
        Entry(1, "Declined several questions on the form and was courteous about each. Log shown: eleven months, one hand."),
        Entry(4, "Found herself in the pantry at three with her coat on. Called Dr. Brandt the same morning; the tablets are stopped."),
        Entry(9, "Bed at midnight, up at six, nothing in between but bed. Hates it. Slept five hours and ten minutes on Tuesday."),
    ),
)

HUILING = Story(
    who="huiling",
    therapist=TEO,
    supervisor=ADAEZE,
    slot=Slot(2, 11),
    mode="phone",
    place=SALEM,
    other_modes=((4, "in-person"), (12, "in-person")),
    troubles=(Trouble("grief", "Adjustment disorder with depressed mood", "F43.21", -10, note="Widowed in the autumn after forty-eight years."),),
    courses=(Course("phq-9", 12, 6, "late", 2, "numb"),),
    plans=(
        Plan(
            issues="Cooks for two, eats for none. Children call daily and she tells them that she is well.",
            recommendation="Weekly by phone with a Mandarin interpreter on the line; in person once a month.",
            aims=(Aim("lunch", "Eats lunch with someone twice a week", "achieved", problems=("grief",), status="completed"), Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4, ("grief",))),
            works=(Work("client-centered", "Client-centered psychotherapy", "38678006"), Work("senior", "Lunch table at the senior center", kind="self-care", rhythm=(2, 1, "wk"))),
        ),
    ),
    reactions=(Reaction("none", "Aspirin", "Bruising", "mild", "refuted", "inactive"),),
    entries=(
        Entry(3, "Interpreter on the line. She talks to him as 'old Zhao' and then to me as 'young man'. Both of us are told to eat."),
        Entry(8, "Lunch at the center on Thursday. The dumplings were a disgrace; she has offered to show them."),
        Entry(12, "In person. Brought dumplings. Told me for the first time that she is angry with him for going first."),
    ),
)

ROSALIND = Story(
    who="rosalind",
    therapist=JOEL,
    slot=Slot(1, 14),
    mode="home",
    missed=((7, "cancelled"),),
    troubles=(Trouble("depression", "Major depression, single episode, moderate", "F32.1", -14), Trouble("hip", "Pain in the hip after a fall", "M25.559", -30)),
    courses=(Course("phq-9", 13, 7, "steady", 2, "numb"),),
    plans=(
        Plan(
            issues="Has not been to her garden since the fall. Daughter manages everything; Rosalind minds that more than the hip.",
            recommendation="Home visits weekly. Daughter holds the health-care proxy and is asked in, not over.",
            aims=(Aim("garden", "Ten minutes in the garden, three days a week", "improving", problems=("depression", "hip")), Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4, ("depression",))),
            works=(Work("support", "Individual psychotherapy at home", "18512000"), Work("herbarium", "One herbarium sheet a week, labelled", kind="homework")),
        ),
    ),
    drugs=(Drug("mirtazapine", "Mirtazapine 30 mg", "314111", "Half a tablet at bedtime", -9, FAMILY_DOCTOR),),
    reactions=(Reaction("iodine", "Iodine contrast", "Flushing", "mild", "confirmed", "resolved"),),
    screens=(Screen(2, (), "low", "Says she has had enough of being a patient, not of being. Clear about the difference.", by_judgement=True),),
    entries=(
        Entry(2, "Kitchen table. She identified my sandwich's parsley to the cultivar. Asked plainly about wanting to live; answered plainly."),
        Entry(6, "Out to the bench, with my arm, four minutes. Corrected three labels. Daughter watched from the window and did not come out, at our request."),
        Entry(11, "Twelve minutes outside, alone, with the stick. Sheet of the week: Hamamelis, 'flowering when it has no business to'."),
    ),
)

BETTINA = Story(
    who="bettina",
    therapist=IMANI,
    slot=Slot(0, 14),
    weeks=(1, 6),
    troubles=(Trouble("adjustment", "Adjustment disorder with mixed anxiety and depressed mood", "F43.23", -30, "resolved", 6),),
    courses=(Course("gad-7", 6, 2, "early", profile="worry"),),
    plans=(
        Plan(
            status="completed",
            until=6,
            issues="Last weeks of the work after the divorce.",
            recommendation="Ended as planned; door stays open.",
            aims=(Aim("gad", "GAD-7 below 5", "achieved", "gad-7", 4, ("adjustment",), "completed"), Aim("shop", "Bakery open on her own terms: closed Mondays", "achieved", status="completed")),
            works=(Work("brief", "Brief solution focused psychotherapy", "401157001", status="completed"),),
        ),
    ),
    entries=(
        Entry(2, "Signed the papers on Friday, baked on Saturday, slept on Sunday. In that order, she says, on purpose."),
        Entry(6, "Last hour. Eighteen sessions since the summer. She leaves with what she came for and a list of what to do if it comes back. Closed with thanks on both sides and a rye loaf.", "discharge"),
    ),
)

OTIS = Story(
    who="otis",
    therapist=JOEL,
    slot=Slot(3, 13),
    mode="home",
    weeks=(1, 3),
    troubles=(Trouble("grief", "Adjustment disorder with depressed mood", "F43.21", -52, "inactive", 4),),
    courses=(Course("phq-9", 8, 7, "steady"),),
    entries=(Entry(4, "Word from his niece that Mr. Fairweather died on Sunday, at home, in his sleep. Condolence card from all of us. Chart closed.", "general"),),
)

STORIES = (LINH, YUSUF, INGRID, HUILING, ROSALIND, BETTINA, OTIS)
