// What llama.cpp computes with a GGUF file, in single precision where it has a choice, for gguf_files.py.
//
//   gguf_llama tokens MODEL            ids of the text on standard input, with the tokens that the file adds
//   gguf_llama logprobs MODEL          for each line of ids on standard input the log-prob of each but the first
//   gguf_llama greedy MODEL COUNT      for each line of ids the COUNT most likely ids that follow, up to an end token
//   gguf_llama quantize FROM TO TYPE   llama-quantize's file; TYPE is a number of llama_ftype
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "llama.h"

static void quiet(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) {
        std::fputs(text, stderr);
    }
}

static std::vector<std::vector<llama_token>> rows() {
    std::vector<std::vector<llama_token>> all;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream ids(line);
        all.emplace_back(std::istream_iterator<llama_token>(ids), std::istream_iterator<llama_token>());
    }
    return all;
}

static void decode(llama_context * context, const std::vector<llama_token> & ids, int from) {
    llama_batch batch = llama_batch_init(ids.size(), 0, 1);
    for (size_t i = from; i < ids.size(); i++) {
        const int at = batch.n_tokens++;
        batch.token[at] = ids[i];
        batch.pos[at] = i;
        batch.n_seq_id[at] = 1;
        batch.seq_id[at][0] = 0;
        batch.logits[at] = true;
    }
    if (llama_decode(context, batch) != 0) {
        std::fputs("llama_decode failed\n", stderr);
        std::exit(1);
    }
    llama_batch_free(batch);
}

int main(int count, char ** arguments) {
    llama_log_set(quiet, nullptr);
    llama_backend_init();
    const std::string task = arguments[1];
    if (task == "quantize") {
        llama_model_quantize_params params = llama_model_quantize_default_params();
        params.ftype = (llama_ftype) std::atoi(arguments[4]);
        params.nthread = 1;
        return llama_model_quantize(arguments[2], arguments[3], &params);
    }
    llama_model_params model_params = llama_model_default_params();
    llama_model * model = llama_model_load_from_file(arguments[2], model_params);
    if (!model) {
        return 1;
    }
    const llama_vocab * vocab = llama_model_get_vocab(model);
    if (task == "tokens") {
        const std::string text(std::istreambuf_iterator<char>(std::cin), {});
        std::vector<llama_token> ids(text.size() + 16);
        ids.resize(std::max(0, llama_tokenize(vocab, text.data(), text.size(), ids.data(), ids.size(), true, true)));
        for (llama_token id : ids) {
            std::printf("%d ", id);
        }
        std::printf("\n");
        return 0;
    }
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    llama_context * context = llama_init_from_model(model, params);
    const int size = llama_vocab_n_tokens(vocab);
    for (std::vector<llama_token> ids : rows()) {
        llama_memory_clear(llama_get_memory(context), true);
        decode(context, ids, 0);
        if (task == "logprobs") {
            for (size_t i = 0; i + 1 < ids.size(); i++) {
                const float * logits = llama_get_logits_ith(context, i);
                const float most = *std::max_element(logits, logits + size);
                double sum = 0;
                for (int j = 0; j < size; j++) {
                    sum += std::exp((double) logits[j] - most);
                }
                std::printf("%.9g ", logits[ids[i + 1]] - most - std::log(sum));
            }
        } else {
            for (int i = 0; i < std::atoi(arguments[3]); i++) {
                const float * logits = llama_get_logits_ith(context, -1);
                ids.push_back(std::max_element(logits, logits + size) - logits);
                std::printf("%d ", ids.back());
                if (llama_vocab_is_eog(vocab, ids.back())) {
                    break;
                }
                decode(context, ids, ids.size() - 1);
            }
        }
        std::printf("\n");
    }
    return 0;
}
