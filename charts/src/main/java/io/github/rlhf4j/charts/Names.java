package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Places for names beside signs, so that no name covers another or a sign. A name for which there is no place is left out: it is shown on hovering. */
final class Names {
    private static final double LINE = 13;

    private final Frame frame;
    private final List<Box> taken = new ArrayList<>();

    Names(Frame frame) {
        this.frame = frame;
    }

    private record Box(double left, double top, double width, double height) {
        boolean overlaps(Box other) {
            return left < other.left + other.width
                    && other.left < left + width
                    && top < other.top + other.height
                    && other.top < top + height;
        }
    }

    /** Something is drawn there, so far to either side and up and down. */
    void take(double x, double y, double aside, double upright) {
        taken.add(new Box(x - aside, y - upright, 2 * aside, 2 * upright));
    }

    /** The name as SVG, where there is a place for it. */
    Optional<String> place(String name, double x, double y) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        double width = Texts.width(name);
        List<Box> places = new ArrayList<>();
        for (double down : new double[] {-6.5, -19.5, 6.5, -32, 19.5, 32, -45, 45}) {
            places.add(new Box(x + 9, y + down, width, LINE));
            places.add(new Box(x - 9 - width, y + down, width, LINE));
        }
        places.add(new Box(x - width / 2, y - 22, width, LINE));
        places.add(new Box(x - width / 2, y + 9, width, LINE));
        Optional<Box> free = places.stream()
                .filter(this::isInside)
                .filter(box -> taken.stream().noneMatch(box::overlaps))
                .findFirst();
        free.ifPresent(taken::add);
        return free.map(box -> Drawing.textAt("name", box.left(), box.top() + LINE - 3, "start", name) + "\n");
    }

    private boolean isInside(Box box) {
        return box.left() > frame.left()
                && box.left() + box.width() < Drawing.WIDTH - 2
                && box.top() > frame.top()
                && box.top() + box.height() < frame.bottom();
    }
}
