"""Stories of two clients whose substance use treatment falls under 42 CFR Part 2: one signed a consent for it, one did not.

Every row that tells of it is marked, so that the rest may be shared without saying so.
"""

from __future__ import annotations

from gateway.sample.calendar import Slot
from gateway.sample.people import ADDICTION_CLINIC, FAMILY_DOCTOR, HEALTH_CENTER, JOEL
from gateway.sample.story import Aim, Course, Drug, Entry, Plan, Reaction, Story, Trouble, Work

GUS = Story(
    who="gus",
    therapist=JOEL,
    slot=Slot(1, 8),
    missed=((5, "no-show"),),
    troubles=(
        Trouble("adjustment", "Adjustment disorder with mixed anxiety and depressed mood", "F43.23", -16),
        Trouble("alcohol", "Alcohol dependence", "F10.20", -500, sensitivity="substance-use"),
    ),
    courses=(
        Course("phq-9", 13, 6, "partial", 1, "even"),
        Course("gad-7", 10, 6, "steady", 2, "worry"),
        Course("audit-c", 9, 2, "early", 11, sensitivity="substance-use"),
    ),
    plans=(
        Plan(
            issues="Separated in the fall; sees his daughters every second weekend. Nights on the boat are all right, evenings ashore are not.",
            recommendation="Weekly before the boat goes out.",
            aims=(
                Aim("phq", "PHQ-9 below 5", "improving", "phq-9", 4, ("adjustment",)),
                Aim("girls", "Every second weekend kept, cooked for and without a quarrel at the door", "improving", problems=("adjustment",)),
                Aim("audit", "AUDIT-C at 2 or below", "achieved", "audit-c", 2, ("alcohol",), sensitivity="substance-use"),
            ),
            works=(
                Work("individual", "Individual psychotherapy", "18512000"),
                Work("evenings", "Three evenings a week with something in them, chosen on Sunday", kind="homework", rhythm=(3, 1, "wk")),
                Work("meeting", "Peer meeting at Stillwater, alcohol group", kind="self-care", rhythm=(2, 1, "wk"), sensitivity="substance-use"),
            ),
        ),
    ),
    drugs=(
        Drug("naltrexone", "Naltrexone 50 mg", "1483744", "One tablet in the morning", -5, ADDICTION_CLINIC, sensitivity="substance-use"),
        Drug("trazodone", "Trazodone 50 mg", "856377", "One tablet at bedtime if needed", -5, FAMILY_DOCTOR),
    ),
    reactions=(Reaction("bee", "Bee venom", "Swelling of the whole arm", "moderate"),),
    entries=(
        Entry(1, "In his oilskins, in a hurry, stayed the full hour. Talked mostly about the younger girl's recital and who sat where."),
        Entry(4, "Nineteen days sober. Counts them in lobster tides. Cravings at five in the afternoon, gone by seven if he is among people.", sensitivity="substance-use"),
        Entry(6, "Sorry about last week, boat trouble. Daughters over for two nights; burned the pancakes, nobody left. He told that part twice."),
        Entry(10, "Drank on Saturday, two beers, told the group on Sunday and me on Tuesday. Treats it as weather, not as shipwreck. I think he is right.", sensitivity="substance-use"),
        Entry(12, "Six. Evenings ashore are 'medium'. Has bought a second chair for the porch."),
    ),
)

SHAY = Story(
    who="shay",
    therapist=JOEL,
    slot=Slot(2, 17),
    mode="video",
    other_modes=((1, "in-person"), (10, "in-person")),
    missed=((3, "no-show"), (8, "cancelled")),
    troubles=(
        Trouble("gad", "Generalized anxiety disorder", "F41.1", -140),
        Trouble("opioid", "Opioid dependence, on agonist therapy", "F11.20", -200, sensitivity="substance-use"),
        Trouble("opioid-past", "Opioid dependence, in remission, before the return of use", "F11.21", -320, "inactive", -210, sensitivity="substance-use"),
    ),
    courses=(Course("gad-7", 14, 9, "setback", 1, "tense"), Course("phq-9", 10, 7, "setback", 2, "restless")),
    plans=(
        Plan(
            issues="On edge from waking to sleeping; rides hard to wear it out. Shop owner has begun to rely on Shay, which is good and frightening.",
            recommendation="Weekly by video after closing time.",
            aims=(
                Aim("gad", "GAD-7 below 8", "improving", "gad-7", 7, ("gad",)),
                Aim("shop", "Asks the owner for Thursdays off, in words", "achieved", problems=("gad",), status="completed"),
                Aim("clinic", "Every buprenorphine visit kept for three months", "sustaining", problems=("opioid",), sensitivity="substance-use"),
            ),
            works=(
                Work("cbt", "Cognitive and behavioral therapy", "228557008"),
                Work("breathing", "Slow ride home, ten minutes longer than needed", kind="self-care", rhythm=(4, 1, "wk")),
                Work("cravings", "Craving log, shown to nobody but us", kind="homework", rhythm=(1, 1, "d"), sensitivity="substance-use"),
            ),
        ),
    ),
    drugs=(
        Drug("buprenorphine", "Buprenorphine/naloxone 8 mg/2 mg film", "1010604", "One film under the tongue in the morning", -150, ADDICTION_CLINIC, sensitivity="substance-use"),
        Drug("hydroxyzine", "Hydroxyzine 25 mg", "995258", "One tablet up to twice a day if needed", -20, HEALTH_CENTER),
    ),
    entries=(
        Entry(1, "Millpond may know the anxiety tablets and that Shay comes here. Nothing else, to nobody. Went through what that means line by line and signed just that."),
        Entry(4, "Asked for Thursdays. Owner said 'sure' before the end of the sentence. Shay is still waiting for the catch."),
        Entry(7, "Bad fortnight. An old friend from the using days turned up at the shop. Film every morning, no use, three meetings.", sensitivity="substance-use"),
        Entry(12, "Nine, from fourteen. Built a wheel from scratch while we talked, off camera, by the sound of it."),
    ),
)

STORIES = (GUS, SHAY)
