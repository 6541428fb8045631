"""The past of the first demonstration: what invented people did in two inland provinces in the last ten days."""

from __future__ import annotations

from ulinzi.cli.past import DONE, EDIT, EDIT_UNSEEN, ERASE, HANDED, NOTED, TAKEN, UNDO, Act, Past, Story
from ulinzi.desk.rules import Step

AREAS = {
    "north": (
        ("BEL", "Belavi", "province", ""),
        ("SAR", "Sareth", "district", "BEL"),
        ("LOM", "Lomuk", "district", "BEL"),
        ("TEL", "Telwa", "area", "SAR"),
        ("SAN", "Sanjeh", "area", "SAR"),
        ("NAK", "Nakorro", "area", "LOM"),
    ),
    "south": (
        ("TAM", "Tamorro", "province", ""),
        ("VEL", "Velune", "district", "TAM"),
        ("HAR", "Harsenne", "district", "TAM"),
        ("POM", "Pomiré", "area", "VEL"),
        ("CHE", "Chedra", "area", "VEL"),
        ("ODR", "Odrume", "area", "HAR"),
    ),
}

STORIES = (
    # North, open and late.
    Story(
        52, "odhal", "north", "TEL", "Rappeler le groupe de femmes de Telwa", due=-4, basis="promise", urgency="now",
        tiers=("dialogue",), detail="Elles ont entendu des tirs sur la route du moulin : peut-on aller au marché ?",
        acts=(Act(50, "vessin", TAKEN), Act(30, "vessin", NOTED, "Pas de ligne, essayé trois fois.")),
    ),
    Story(
        40, "vessin", "north", "SAN", "Savoir pourquoi personne n’appelle de Sanjeh depuis neuf jours",
        due=-20, basis="rule",
        urgency="soon", tiers=("dialogue",),
    ),
    Story(
        28, "telwe", "north", "NAK", "Demander à la base une patrouille au marché de Nakorro", due=9, basis="promise",
        urgency="now", tiers=("physical",), detail="Le marché est sur l’autre rive. Les gens rentrent de nuit.",
        acts=(Act(27, "dusane", TAKEN), Act(6, "dusane", NOTED, "Deux véhicules, départ à l’aube.")),
    ),
    Story(
        20, "korum", "north", "SAR", "Rendre visite à la famille venue à la barrière mardi", due=30, basis="promise",
        tiers=("environment",), acts=(Act(19, "korum", TAKEN),),
    ),
    Story(
        14, "odhal", "north", "LOM", "Dire à Lomuk ce qu’est devenue sa dernière alerte", due=20, basis="rule",
        tiers=("dialogue",), acts=(Act(12, "odhal", HANDED, "Tu connais le chef.", to="vessin"),),
    ),
    Story(
        10, "dusane", "north", "TEL", "Réparer la radio du comité de Telwa", due=70, urgency="routine",
        tiers=("physical",),
    ),
    Story(
        7, "vessin", "north", "NAK", "Vérifier la rumeur sur le bac", due=5, urgency="soon",
        acts=(
            Act(5, "odhal", TAKEN),
            Act(1.5, "odhal", NOTED, "Le passeur dit qu’il marche. Il faut une deuxième voix."),
        ),
    ),
    Story(3, "rensa", "north", "BEL", "Préparer la réunion de jeudi avec la province", due=60, basis="order"),
    # Two people corrected the same words without having seen each other: for somebody to settle.
    Story(
        26, "odhal", "north", "LOM", "Rencontrer les anciens de Lomuk", due=44, basis="promise", urgency="soon",
        tiers=("dialogue",), detail="À l’école.",
        acts=(
            Act(9, "vessin", EDIT, values={"title": "Rencontrer les anciens du haut Lomuk", "detail": "À l’école."}),
            Act(8, "telwe", EDIT_UNSEEN, values={"title": "Rencontrer les anciens de Lomuk", "detail": "Au puits."}),
        ),
    ),
    # Marked done by mistake, and opened again by undoing that.
    Story(
        70, "telwe", "north", "SAN", "Apporter à Sanjeh les feuillets du numéro vert", due=26, tiers=("environment",),
        acts=(
            Act(60, "vessin", TAKEN),
            Act(33, "vessin", DONE, "Laissés à l’enseignante."),
            Act(31, "vessin", UNDO, "C’était Telwa, Sanjeh n’en a toujours pas."),
        ),
    ),
    # North, finished.
    Story(
        120, "odhal", "north", "TEL", "Demander à Telwa si la patrouille est venue",
        due=-90, basis="rule", tiers=("dialogue",),
        acts=(Act(110, "vessin", TAKEN), Act(93, "vessin", DONE, "Elle est venue, et restée deux heures.")),
    ),
    Story(
        170, "korum", "north", "NAK", "Mettre au propre l’entretien de la semaine passée", due=-140, basis="rule",
        acts=(Act(168, "korum", TAKEN), Act(141, "korum", DONE)),
    ),
    Story(
        96, "dusane", "north", "SAR", "Deuxième patrouille au carrefour de Sareth", due=-60, tiers=("physical",),
        acts=(
            Act(90, "dusane", TAKEN),
            Act(72, "rensa", Step.SET_ASIDE, "La route est sous l’eau jusqu’à la fin du mois."),
        ),
    ),
    Story(
        210, "telwe", "north", "BEL", "Lister les villages sans point focal", due=-150,
        acts=(Act(200, "telwe", TAKEN), Act(160, "telwe", DONE, "Quatre, tous à l’ouest de la rivière.", claimed=166)),
    ),
    # Entered in the wrong place and erased for ever: only that something was here can still be seen.
    Story(
        46, "vessin", "north", "TEL", "Saisie par erreur, avec un nom dedans",
        acts=(Act(45, "rensa", ERASE, "saisie au mauvais endroit, avec un nom", to="telwe"),),
    ),
    # South.
    Story(
        44, "telwe", "south", "POM", "Rappeler le chef de Pomiré", due=-2, basis="promise", urgency="now",
        tiers=("dialogue",), detail="Il a signalé des hommes armés près du puits.",
        acts=(Act(43, "odhal", TAKEN), Act(21, "odhal", HANDED, "Je pars en mission demain.", to="telwe")),
    ),
    Story(
        36, "korum", "south", "CHE", "Vérifier ce qui s’est passé au puits de Chedra", due=12, urgency="now",
        tiers=("dialogue", "physical"),
        acts=(Act(34, "korum", TAKEN), Act(10, "korum", NOTED, "Deux récits concordent, on attend le troisième.")),
    ),
    Story(
        22, "dusane", "south", "ODR", "Déplacer la patrouille de nuit sur la route d’Odrume",
        due=6, basis="order", urgency="soon",
        tiers=("physical",), acts=(Act(20, "dusane", TAKEN),),
    ),
    Story(
        18, "vessin", "south", "VEL", "Expliquer le numéro vert à Velune", due=90, tiers=("environment",),
        detail="Trois écoles, puis le marché.",
    ),
    Story(
        15, "rensa", "south", "TAM", "Répondre à la lettre de l’administrateur de Tamorro", due=33, basis="order",
        acts=(Act(13, "rensa", HANDED, "", to="telwe"),),
    ),
    Story(11, "odhal", "south", "HAR", "Demander à Harsenne combien de familles sont parties",
    due=28, tiers=("dialogue",)),
    Story(
        5, "korum", "south", "POM", "Trouver une deuxième source sur le grenier brûlé", due=40, urgency="soon",
        acts=(Act(2, "vessin", TAKEN, claimed=3.5),),
    ),
    Story(
        130, "odhal", "south", "CHE", "Dire à Chedra que la patrouille est annulée", due=-120, basis="promise",
        tiers=("dialogue",), acts=(Act(128, "vessin", TAKEN), Act(124, "vessin", DONE, "Dit à deux des anciens.")),
    ),
    Story(
        190, "dusane", "south", "ODR", "Escorte au marché d’Odrume", due=-165, basis="promise", tiers=("physical",),
        acts=(
            Act(188, "dusane", TAKEN),
            Act(164, "dusane", DONE, "Quarante commerçants partis, tous revenus."),
            Act(150, "odhal", Step.REOPENED, "Ils la demandent chaque semaine."),
            Act(149, "dusane", TAKEN),
            Act(100, "dusane", DONE, "C’est maintenant un ordre permanent."),
        ),
    ),
    Story(
        80, "vessin", "south", "VEL", "Vérifier les numéros des points focaux de Velune", due=-30,
        acts=(Act(76, "vessin", TAKEN), Act(35, "vessin", DONE, "Six sur huit répondent.")),
    ),
)  # fmt: skip

PAST = Past(
    code="BEN",
    areas=AREAS,
    offices={"north": "north", "south": "south"},
    team=("JPT Velune", "south"),
    stories=STORIES,
    left_behind=Story(
        200, "bastiane", "north", "LOM", "Transmettre la patrouille de nuit de Lomuk à la relève", due=20,
        acts=(Act(199, "bastiane", TAKEN), Act(121, "bastiane", HANDED, "Je pars lundi.", to="dusane")),
    ),
)  # fmt: skip
