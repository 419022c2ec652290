package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kinds of values a fact can have. Words of the closed kinds are named by their English form; in the other languages a word carries the article
 * that the sentences of {@link Relation} need.
 */
enum Category {
    JOB(
            "job",
            "jobs",
            "baker boulanger Bäcker panadero",
            "doctor médecin Arzt médico",
            "teacher professeur Lehrer maestro",
            "farmer fermier Bauer granjero",
            "painter peintre Maler pintor",
            "singer chanteur Sänger cantante",
            "lawyer avocat Anwalt abogado",
            "sailor marin Seemann marinero",
            "tailor tailleur Schneider sastre",
            "miner mineur Bergmann minero",
            "judge juge Richter juez",
            "writer auteur Autor escritor",
            "hunter chasseur Jäger cazador",
            "dancer danseur Tänzer bailarín"),
    FOOD(
            "food",
            "foods",
            "bread du_pain Brot pan",
            "soup de_la_soupe Suppe sopa",
            "cheese du_fromage Käse queso",
            "rice du_riz Reis arroz",
            "fish du_poisson Fisch pescado",
            "honey du_miel Honig miel",
            "cake du_gâteau Kuchen pastel",
            "meat de_la_viande Fleisch carne",
            "corn du_maïs Mais maíz",
            "butter du_beurre Butter mantequilla",
            "salad de_la_salade Salat ensalada",
            "pasta des_pâtes Nudeln pasta",
            "beans des_haricots Bohnen frijoles",
            "plums des_prunes Pflaumen ciruelas"),
    ANIMAL(
            "animal",
            "animals",
            "cat un_chat eine_Katze un_gato",
            "dog un_chien einen_Hund un_perro",
            "horse un_cheval ein_Pferd un_caballo",
            "cow une_vache eine_Kuh una_vaca",
            "goat une_chèvre eine_Ziege una_cabra",
            "sheep un_mouton ein_Schaf una_oveja",
            "duck un_canard eine_Ente un_pato",
            "mouse une_souris eine_Maus un_ratón",
            "rabbit un_lapin einen_Hasen un_conejo",
            "bird un_oiseau einen_Vogel un_pájaro",
            "pig un_cochon ein_Schwein un_cerdo",
            "fox un_renard einen_Fuchs un_zorro",
            "bear un_ours einen_Bären un_oso",
            "frog une_grenouille einen_Frosch una_rana"),
    COLOUR(
            "colour",
            "colours",
            "red rouge Rot rojo",
            "blue bleu Blau azul",
            "green vert Grün verde",
            "black noir Schwarz negro",
            "white blanc Weiß blanco",
            "yellow jaune Gelb amarillo",
            "brown brun Braun marrón",
            "grey gris Grau gris",
            "pink rose Rosa rosa",
            "purple violet Lila morado"),
    PLACE("place", "places"),
    RIVER("river", "rivers"),
    YEAR("year", "years");

    private final String singular;
    private final String plural;
    private final List<List<String>> surfaces = new ArrayList<>(); // by word, by language

    Category(String singular, String plural, String... words) {
        this.singular = singular;
        this.plural = plural;
        for (String word : words) {
            List<String> forms = new ArrayList<>();
            for (String form : word.split(" ", -1)) {
                forms.add(form.replace('_', ' '));
            }
            surfaces.add(List.copyOf(forms));
        }
    }

    String singular() {
        return singular;
    }

    String plural() {
        return plural;
    }

    /** Whether the words are a fixed list; names and years are not. */
    boolean closed() {
        return !surfaces.isEmpty();
    }

    /** The English words of a closed category. */
    List<String> words() {
        return surfaces.stream().map(forms -> forms.get(0)).toList();
    }

    List<String> surfaces(Language language) {
        return surfaces.stream().map(forms -> forms.get(language.ordinal())).toList();
    }

    /** How {@code language} writes {@code value} in a sentence; names and years are the same everywhere. */
    String surface(String value, Language language) {
        int index = words().indexOf(value);
        return index < 0 ? value : surfaces.get(index).get(language.ordinal());
    }

    /** The value that {@code text} stands for in {@code language}, ignoring case; empty where a closed category lacks it. */
    Optional<String> value(String text, Language language) {
        if (!closed()) {
            return Optional.of(text);
        }
        for (List<String> forms : surfaces) {
            if (forms.get(language.ordinal()).equalsIgnoreCase(text)) {
                return Optional.of(forms.get(0));
            }
        }
        return Optional.empty();
    }

    static Optional<Category> ofWord(String word) {
        for (Category category : values()) {
            if (category.words().contains(word)) {
                return Optional.of(category);
            }
        }
        return Optional.empty();
    }

    static Category named(String singularOrPlural) {
        for (Category category : values()) {
            if (category.singular.equals(singularOrPlural) || category.plural.equals(singularOrPlural)) {
                return category;
            }
        }
        throw new IllegalArgumentException("no category named " + singularOrPlural);
    }
}
