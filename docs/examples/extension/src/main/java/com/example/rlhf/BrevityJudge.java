package com.example.rlhf;

import io.github.rlhf4j.judge.Judge;
import java.util.List;

/** Prefers the response with fewer words; equal numbers tie. */
public final class BrevityJudge implements Judge {
    @Override
    public List<List<Integer>> rank(List<Question> questions) {
        return questions.stream().map(question -> ranks(question.responses())).toList();
    }

    private static List<Integer> ranks(List<String> responses) {
        List<Integer> words = responses.stream().map(text -> text.strip().split("\\s+").length).toList();
        return words.stream()
                .map(own -> 1 + (int) words.stream().filter(other -> other < own).count())
                .toList();
    }
}
